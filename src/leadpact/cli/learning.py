"""Learning: the commands that learn from won and lost leads, and foretell chances of others."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from leadpact.cli import files
from leadpact.cli.inputs import agreements_of, log_of, now_of, once
from leadpact.cli.output import FAILED, patience, refuse, say, say_json, stop, tell
from leadpact.cli.tables import table, wrapped
from leadpact.words import _

if TYPE_CHECKING:
    from leadpact.learn import Foretold, Learned, Model, Validation
    from leadpact.learn.validation import Area, Group

MOST_SHOWN = 20
_DAY = 86_400_000_000


def learn(agreement: str, log: str, now: str | None, *, output: str | None, as_json: bool) -> None:
    """Learn from a log: the validation as text or JSON, the model into a file."""
    once(agreement, log)
    files.output(output, (".json",), (agreement, log))
    versions = agreements_of(agreement)
    moment = now_of(now, versions[-1].zone)
    found = log_of(log, versions[-1].zone)
    from leadpact.learn import learn as learned

    with patience(_("Learning …")):
        made = learned(versions, found, now=moment)
    if made.model is not None and output is not None:
        files.write_text(output, made.model.model_dump_json(by_alias=True) + "\n")
        if output != "-":
            tell(_("Wrote the model {name} to {path}.").format(name=made.model.name, path=output))
    if as_json:
        say_json(made.to_json())
    elif output != "-":
        for line in _lines(made):
            say(line)
    if made.model is None:
        for one in made.missing:
            tell(one.sentence())
        stop(FAILED)


def _lines(made: "Learned") -> Iterator[str]:
    grounds = made.grounds
    said = _(
        "{leads:,} leads with a known outcome, {won:,} of them won. Left out: {young:,} too young"
        " (below {days:,} days), {never:,} never handed over, {other:,} merged or suppressed."
    )
    yield wrapped(
        said.format(
            leads=grounds.leads,
            won=grounds.won,
            young=grounds.immature,
            days=grounds.matures_in // _DAY,
            never=grounds.never_qualified,
            other=grounds.otherwise,
        )
    )
    if grounds.left_out:
        yield ""
        yield _("Attributes left out")
        for leak in grounds.left_out:
            yield wrapped(f"{leak.name}: {leak.sentence()}", first="- ", rest="  ")
    if made.validation is not None:
        yield ""
        yield from _validation(made.validation)


def _validation(found: "Validation") -> Iterator[str]:
    yield _("How it did on the {leads:,} latest leads, {won:,} of them won").format(
        leads=found.leads, won=found.won
    )
    yield _("AUC {area}; Brier {brier:.4f}, {base:.4f} by always saying the share before").format(
        area=_area(found.auc), brier=found.brier, base=found.brier_of_base
    )
    if not found.tells:
        yield wrapped(_("It tells no better than chance who will be won: don't use it."))
    yield ""
    yield table(
        [_("leads"), _("won"), _("foretold"), _("share won"), _("from"), _("to"), _("lift")],
        [_group(group) for group in found.groups],
    )
    if found.rules is not None and found.ahead is not None:
        yield ""
        said = _(
            "The same leads by the points of the rules: AUC {area}; the model is ahead by {by}"
        )
        yield wrapped(said.format(area=_area(found.rules), by=_area(found.ahead)))
        yield ""
        yield table(
            [_("leads"), _("won"), _("foretold"), _("share won"), _("from"), _("to"), _("lift")],
            [_group(group) for group in found.rules_groups],
        )


def _area(area: "Area") -> str:
    return f"{area.value:.3f} ({area.low:.3f} – {area.high:.3f})"


def _group(group: "Group") -> list[Any]:
    foretold = "–" if group.foretold is None else f"{group.foretold:.1%}"
    shares = [f"{share:.1%}" for share in (group.share, group.low, group.high)]
    return [group.leads, group.won, foretold, *shares, f"{group.lift:.2f}"]


def foretell(
    agreement: str,
    model: str,
    log: str,
    now: str | None,
    *,
    output: str | None,
    as_json: bool,
) -> None:
    """Foretell the chance of each lead: the highest as a table, all into a file or as JSON."""
    once(agreement, model, log)
    files.output(output, files.TABLES, (agreement, model, log))
    versions = agreements_of(agreement)
    moment = now_of(now, versions[-1].zone)
    told = _model_of(model)
    found = log_of(log, versions[-1].zone)
    from leadpact.learn import drift, foretold

    with patience(_("Foretelling …")):
        seen = found.as_of(moment)
        chances = foretold(told, versions, seen, now=moment)
        drifted = drift(told, versions, seen, now=moment)
    if output is not None:
        _write(chances, output)
    if as_json:
        leads = [] if output else (chances.to_json(n) for n in range(len(chances.chances)))
        say_json({"model": told.name, "drift": drifted.to_json(), "leads": leads})
    elif output != "-":
        _say(chances)
        say()
        say(wrapped(drifted.sentence()))


def _model_of(path: str) -> "Model":
    import sys
    from pathlib import Path

    from leadpact.learn import read_model
    from leadpact.learn.model import MOST_READ
    from leadpact.problem import Problem

    try:
        if path == "-":
            content = sys.stdin.buffer.read(MOST_READ + 1)
        else:
            with Path(path).open("rb") as file:
                content = file.read(MOST_READ + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        said = _("It can't be read: {why}.").format(why=why)
        refuse([Problem(path, 0, said, _("Check the name and the rights of the file."))])
    model, problems = read_model(content)
    if model is None:
        refuse(problems, path)
    return model


def _write(chances: "Foretold", output: str) -> None:
    import pyarrow as pa

    from leadpact.learn.model import CHANCE
    from leadpact.log.writing import write_table

    columns = {
        "lead": chances.seen.log.leads,
        "chance": pa.array(chances.chances / CHANCE),
        "sum": pa.array(chances.sums),
    }
    files.write(output, lambda path: write_table(pa.table(columns), path))


def _say(chances: "Foretold") -> None:
    import numpy as np

    order = np.argsort(-chances.chances, kind="stable")[:MOST_SHOWN].tolist()
    rows = [
        [
            chances.seen.log.leads[lead].as_py(),
            f"{chances.share(lead):.1%}",
            *_best(chances, lead),
        ]
        for lead in order
    ]
    say(table([_("lead"), _("chance"), _("most for it"), _("most against it")], rows))


def _best(chances: "Foretold", lead: int) -> list[str]:
    """The reason that adds most, and the one that takes most away."""
    reasons = chances.reasons(lead)
    most = max(reasons, key=lambda one: one.weight, default=None)
    least = min(reasons, key=lambda one: one.weight, default=None)
    return [
        most.sentence() if most is not None and most.weight > 0 else "",
        least.sentence() if least is not None and least.weight < 0 else "",
    ]
