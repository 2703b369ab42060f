"""Reporting: both sides side by side, and a draft beside what was."""

import json
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from leadpact.cli import files
from leadpact.cli.inputs import agreements_of, ledger_of, log_of, moment_of, now_of, once
from leadpact.cli.judging import compiling, judgement_of, tell_unsigned
from leadpact.cli.output import patience, printable, say_json, tell
from leadpact.cli.tables import screen
from leadpact.words import _

if TYPE_CHECKING:
    from leadpact.agreement.model import Agreement
    from leadpact.plan import Plan
    from leadpact.report import Report

ENDINGS = (".html", ".htm", ".json")


def report(
    agreement: str,
    log: str,
    now: str | None,
    known_at: str | None,
    ledger: str | None,
    *,
    output: str | None,
    as_json: bool,
) -> None:
    """Report on both sides: text, JSON, or a file."""
    from leadpact.report import report as reported
    from leadpact.report import text

    once(agreement, log, ledger)
    files.output(output, ENDINGS, (agreement, log, ledger))
    versions = agreements_of(agreement)
    zone = versions[-1].zone
    moment, known = now_of(now, zone), moment_of(known_at, zone, "--known-at")
    spent = ledger_of(ledger)
    judgement = judgement_of(versions, log_of(log, zone), moment, known)
    with patience(_("Measuring …")):
        made = reported(judgement, _planned(versions[-1]), spent)
    if output is not None:
        _write(made, output)
    if as_json:
        say_json(made.to_json())
    elif output is None:
        say_painted(text(made, width=screen(), colour=colourful()))


def _planned(agreement: "Agreement") -> "Plan | None":
    """The plan, where the agreement has one: a report needs none."""
    from leadpact.plan import plan

    return plan(agreement)[0]


def _write(made: "Report", output: str) -> None:
    from leadpact.report import html

    with patience(_("Drawing …")):
        if Path(output).suffix.casefold() == ".json":
            whole = json.dumps(made.to_json(), ensure_ascii=False, indent=2) + "\n"
        else:
            whole = html(made)
    files.write_text(output, whole)
    tell(_("Wrote {path}.").format(path=output))


def replay(
    agreement: str,
    draft: str,
    log: str,
    now: str | None,
    ledger: str | None,
    *,
    as_json: bool,
) -> None:
    """Show what a draft would have made of an old log, beside what was."""
    from leadpact.replay import replay as replayed
    from leadpact.replay import text

    once(agreement, draft, log, ledger)
    versions = agreements_of(agreement)
    drafted = agreements_of(draft)[-1]
    zone = versions[-1].zone
    moment, spent = now_of(now, zone), ledger_of(ledger)
    found = log_of(log, zone)
    tell_unsigned(versions)
    with patience(compiling()):
        made = replayed(drafted, versions, found, now=moment, ledger=spent)
    if as_json:
        say_json(made.to_json())
    else:
        say_painted(text(made, width=screen(), colour=colourful()))


def colourful() -> bool:
    """Whether colours are welcome: on a terminal that shows them, unless NO_COLOR is set."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return sys.stdout.isatty() and not plain


def say_painted(text: str) -> None:
    """Print a text that may hold colours."""
    parts = re.split(r"(\x1b\[[\d;]*m)", text.rstrip("\n")) if colourful() else [text.rstrip("\n")]
    typer.echo("".join(part if k % 2 else printable(part) for k, part in enumerate(parts)))
