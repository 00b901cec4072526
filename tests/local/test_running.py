"""Which houses run here, as another terminal sees it."""

import stat

import pytest

from ffapp.local import running
from ffapp.local.running import AlreadyRuns, announce, find

HERE = {"PUBLIC_URL": "http://127.0.0.1:8000"}
THERE = {"PUBLIC_URL": "http://127.0.0.1:8080"}


def test_a_house_is_found_while_it_runs(tmp_path):
    with announce(tmp_path, 8000, HERE):
        assert find(tmp_path) == HERE

    assert find(tmp_path) is None


def test_of_two_houses_the_last_to_start_is_found_or_the_one_on_the_port(tmp_path):
    with announce(tmp_path, 8000, HERE):
        with announce(tmp_path, 8080, THERE):
            assert find(tmp_path) == THERE
            assert find(tmp_path, "8000") == HERE
            assert find(tmp_path, "9000") is None
        assert find(tmp_path) == HERE


def test_what_a_killed_house_has_left_behind_counts_for_nothing(tmp_path):
    (tmp_path / "8080.json").write_text('{"PUBLIC_URL": "http://127.0.0.1:8080"}')
    assert find(tmp_path) is None

    with announce(tmp_path, 8080, THERE):
        assert find(tmp_path) == THERE


def test_no_two_announce_the_same_port(tmp_path, monkeypatch):
    monkeypatch.setattr(running, "PATIENCE", 0)
    with announce(tmp_path, 8000, HERE):
        with pytest.raises(AlreadyRuns), announce(tmp_path, 8000, THERE):
            pass

        assert find(tmp_path) == HERE


def test_others_on_the_machine_cannot_read_it(tmp_path):
    with announce(tmp_path, 8000, HERE):
        assert stat.S_IMODE((tmp_path / "8000.json").stat().st_mode) == 0o600


def test_a_folder_that_is_not_there_has_no_house(tmp_path):
    assert find(tmp_path / "running") is None
