"""Where the private Postgres lives: in the checkout if that will do, else where it says."""

import os

import pytest

from ffapp.local.postgres_home import Account, PostgresUnavailable, find_home

NOBODY = Account("nobody", 65534, 65534)
only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can run in another's name")


def test_the_place_that_was_asked_for(open_folder):
    asked = open_folder / "var" / "postgres"

    assert find_home(asked, None, ()) == (asked, None)
    assert asked.is_dir()


@only_root
def test_a_strict_umask_does_not_shut_the_server_out(open_folder):
    asked = open_folder / "var" / "postgres"
    before = os.umask(0o077)
    try:
        assert find_home(asked, NOBODY, ()) == (asked, None)
    finally:
        os.umask(before)


@only_root
def test_a_checkout_out_of_reach_finds_the_same_other_place_each_time(open_folder):
    checkout = open_folder / "root"
    checkout.mkdir(mode=0o700)
    elsewhere = open_folder / "tmp"

    place, notice = find_home(checkout / "var", NOBODY, (elsewhere,))

    assert place.parent == elsewhere
    assert str(place) in notice
    assert "“nobody” cannot reach it" in notice
    assert find_home(checkout / "var", NOBODY, (elsewhere,)) == (place, notice)
    assert find_home(checkout / "other", NOBODY, (elsewhere,))[0] != place


@only_root
def test_a_folder_or_a_link_of_another_user_is_not_taken_over(open_folder):
    theirs = open_folder / "theirs"
    theirs.mkdir()
    os.chown(theirs, NOBODY.uid, NOBODY.gid)
    (open_folder / "link").symlink_to(theirs)

    for asked in (theirs, open_folder / "link"):
        with pytest.raises(PostgresUnavailable, match="belongs to another user"):
            find_home(asked, NOBODY, ())


def test_it_says_why_there_is_no_place(open_folder):
    (open_folder / "file").write_text("in the way")

    with pytest.raises(PostgresUnavailable, match=r"no place for the database: .*file/var"):
        find_home(open_folder / "file" / "var", None, ())
