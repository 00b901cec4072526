"""What `ffapp doctor` says: lines of ok, wrong or worth a note, for people or for programs."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import partial

import click


class Mark(StrEnum):
    OK = "ok"
    NOTE = "note"  # nothing has to be done
    WRONG = "wrong"


COLOURS = {Mark.OK: "green", Mark.NOTE: "yellow", Mark.WRONG: "red"}


@dataclass(frozen=True)
class Finding:
    """`what` is a word or two; `says` are sentences, which say what to do where it is wrong."""

    mark: Mark
    what: str
    says: str


ok = partial(Finding, Mark.OK)
note = partial(Finding, Mark.NOTE)
wrong = partial(Finding, Mark.WRONG)


def print_findings(findings: Sequence[Finding], as_json: bool) -> int:
    """Print a line for each finding; returns the exit code, 1 when something is wrong."""
    is_well = all(each.mark != Mark.WRONG for each in findings)
    if as_json:
        told = {"ok": is_well, "findings": [asdict(each) for each in findings]}
        click.echo(json.dumps(told, indent=2))
    else:
        width = max(len(each.what) for each in findings)
        click.echo("\n".join(_line(each, width) for each in findings))
    return 0 if is_well else 1


def _line(finding: Finding, width: int) -> str:
    mark = click.style(f"{finding.mark:<5}", fg=COLOURS[finding.mark])
    return f"{mark}  {finding.what:<{width}}  {finding.says}"
