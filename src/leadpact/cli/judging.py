"""Judging: the command that says of every promise and lead what became of it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from leadpact.cli import files
from leadpact.cli.inputs import agreements_of, log_of, moment_of, now_of, once
from leadpact.cli.output import patience, say_json, tell
from leadpact.words import _, ngettext

if TYPE_CHECKING:
    from leadpact.agreement.model import Agreement
    from leadpact.judge import Judgement
    from leadpact.log import Log

_BLOCK = 10_000


def compiling() -> str:
    """What takes time while judging; and a warning where the sweep runs as plain Python."""
    from leadpact.compiled import is_compiled

    if not is_compiled():
        tell(_("Numba is switched off or missing: the sweep runs as plain Python, slower."))
        return _("Judging …")
    return _("Judging … (the first run compiles the sweep, about half a minute)")


def tell_unsigned(versions: "tuple[Agreement, ...]") -> None:
    """Say that no signatures are looked at, where somebody has to sign."""
    signed = versions[-1].to_be_signed_by
    signers = [name for side, names in signed.items() if side != "order" for name in names]
    if signers:
        names = ", ".join(dict.fromkeys(signers))
        tell(
            _("The text is judged as it stands, unsigned; {names} are to sign.").format(names=names)
        )


def judgement_of(
    versions: "tuple[Agreement, ...]", found: "Log", now: int, known_at: int | None
) -> "Judgement":
    """The judgement at a moment, both in µs UTC."""
    from leadpact.judge import judge as judged

    tell_unsigned(versions)
    with patience(compiling()):
        return judged(versions, found, now=now, known_at=known_at)


def judge(
    agreement: str,
    log: str,
    now: str | None,
    known_at: str | None,
    *,
    output: str | None,
    as_json: bool,
) -> None:
    """Judge a log: all obligations as JSON or into a file, else a summary and what is urgent."""
    once(agreement, log)
    files.output(output, files.TABLES, (agreement, log))
    versions = agreements_of(agreement)
    zone = versions[-1].zone
    moment, known = now_of(now, zone), moment_of(known_at, zone, "--known-at")
    judgement = judgement_of(versions, log_of(log, zone), moment, known)
    if output is not None:
        _write(judgement, output)
    if as_json:
        say_json(_judgement(judgement, rows=output is None))
    elif output != "-":
        from leadpact.cli.verdicts import say_verdicts

        say_verdicts(judgement)


def _write(judgement: "Judgement", output: str) -> None:
    from leadpact.log.writing import write_table

    owed = judgement.obligations
    files.write(output, lambda path: write_table(owed.to_arrow(), path))
    said = ngettext(
        "Wrote {n:,} obligation to {path}.", "Wrote {n:,} obligations to {path}.", len(owed)
    )
    tell(said.format(n=len(owed), path=output))


def _judgement(judgement: "Judgement", *, rows: bool) -> dict[str, Any]:
    from leadpact.measure import deliveries, evidence, rates
    from leadpact.promises import written
    from leadpact.rulings import rulings

    zone = judgement.program.versions[-1].agreement.zone
    found = evidence(judgement)
    to_give = rulings(judgement.obligations, judgement.stories)
    wake_at = None if judgement.wake_at is None else written(judgement.wake_at, zone)
    return {
        "now": written(judgement.now, zone),
        "obligations": _rows(judgement) if rows else [],
        "deliveries": [delivery.to_json() for delivery in deliveries(found)],
        "rates": [rate.to_json() for rate in rates(found)],
        "summary": judgement.obligations.summary(),
        "rulings": {"to_give": len(to_give), "correcting": int(to_give.correcting.sum())},
        "wake_at": wake_at,
        "counts": counts(judgement),
    }


def _rows(judgement: "Judgement") -> Iterator[dict[str, Any]]:
    """The obligations one by one, so that a large log needs no memory for their text."""
    import numpy as np

    owed = judgement.obligations
    for start in range(0, len(owed), _BLOCK):
        yield from owed.rows(np.arange(start, min(start + _BLOCK, len(owed))))


def counts(judgement: "Judgement") -> dict[str, int]:
    """How much was read, and what was odd about it."""
    return {
        **judgement.log.counts,
        "unexpected": int(judgement.stories.unexpected.sum()),
        "repeated triggers": judgement.repeated,
        **judgement.strange,
        "before any version": judgement.unbound,
    }
