"""Which instances run here, as another terminal sees it."""

import subprocess

import pytest

from ffapp.local import running
from ffapp.local.running import AlreadyRuns, announce, find


@pytest.fixture
def start_process():
    """Start a process with that address in its environment; the id of the process."""
    processes = []

    def start(url):
        processes.append(subprocess.Popen(["sleep", "60"], env={"PUBLIC_URL": url}))
        return processes[-1].pid

    yield start
    for process in processes:
        process.kill()
        process.wait()


def test_an_instance_is_found_while_it_runs(tmp_path, start_process):
    with announce(8000, tmp_path) as name_process:
        assert find(folder=tmp_path) is None, "it is starting"
        name_process(start_process("here"))
        assert find(folder=tmp_path) == {"PUBLIC_URL": "here"}

    assert find(folder=tmp_path) is None


def test_the_last_to_start_is_found_or_the_one_on_the_port(tmp_path, start_process):
    with announce(8000, tmp_path) as name_process:
        name_process(start_process("first"))
        with announce(8080, tmp_path) as name_other:
            name_other(start_process("second"))
            assert find(folder=tmp_path) == {"PUBLIC_URL": "second"}
            assert find("8000", tmp_path) == {"PUBLIC_URL": "first"}
            assert find("9000", tmp_path) is None
        assert find(folder=tmp_path) == {"PUBLIC_URL": "first"}


def test_what_a_killed_instance_has_left_behind_is_ignored(tmp_path, start_process):
    (tmp_path / "8080").write_text(str(start_process("somebody else's by now")))
    assert find(folder=tmp_path) is None

    with announce(8080, tmp_path) as name_process:
        name_process(start_process("there"))
        assert find(folder=tmp_path) == {"PUBLIC_URL": "there"}


def test_no_two_announce_the_same_port(tmp_path, start_process, monkeypatch):
    monkeypatch.setattr(running, "PATIENCE_SECONDS", 0)
    with announce(8000, tmp_path) as name_process:
        name_process(start_process("first"))
        with pytest.raises(AlreadyRuns), announce(8000, tmp_path):
            pass

        assert find(folder=tmp_path) == {"PUBLIC_URL": "first"}


def test_a_folder_that_is_not_there_has_no_instance(tmp_path):
    assert find(folder=tmp_path / "running") is None
