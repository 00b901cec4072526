"""`ffapp doctor`: says what was found, to people or to programs."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict

import click

from ffapp.core import logs
from ffapp.doctor.examine import examine
from ffapp.doctor.finding import Finding, Mark

COLOURS = {Mark.OK: "green", Mark.NOTE: "yellow", Mark.WRONG: "red"}


def print_findings(environ: Mapping[str, str], as_json: bool) -> int:
    """Print a line for each finding; answers the exit code, 1 when something is wrong."""
    logs.configure("error")  # what is found is said here, and not a second time
    findings = examine(environ)
    well = all(each.mark != Mark.WRONG for each in findings)
    click.echo(_for_programs(findings, well) if as_json else _for_people(findings))
    return 0 if well else 1


def _for_programs(findings: Sequence[Finding], well: bool) -> str:
    return json.dumps({"ok": well, "findings": [asdict(each) for each in findings]}, indent=2)


def _for_people(findings: Sequence[Finding]) -> str:
    width = max(len(each.what) for each in findings)
    return "\n".join(_line(each, width) for each in findings)


def _line(finding: Finding, width: int) -> str:
    mark = click.style(f"{finding.mark:<5}", fg=COLOURS[finding.mark])
    return f"{mark}  {finding.what:<{width}}  {finding.says}"
