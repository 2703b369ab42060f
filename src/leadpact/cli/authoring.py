"""Authoring: the commands about an agreement's text."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from leadpact.cli.inputs import agreements_of, reading_of, text_of
from leadpact.cli.output import (
    FAILED,
    WRONG,
    is_terminal,
    refuse,
    refuse_use,
    say,
    say_json,
    show,
    stop,
    tell,
    write_whole,
)
from leadpact.problem import did_you_mean
from leadpact.units import Misread, day
from leadpact.words import _

if TYPE_CHECKING:
    from leadpact.agreement.load import Reading


def check(path: str, *, as_json: bool) -> None:
    """List the problems of an agreement, or say that there are none."""
    if Path(path).is_dir():
        for version in sorted(Path(path).glob("*.y*ml")):
            _check_one(str(version), as_json=False)
        agreements_of(path, as_json=as_json)
        if as_json:
            say_json({"problems": []})
        return
    _check_one(path, as_json=as_json)


def _check_one(path: str, *, as_json: bool) -> None:
    from leadpact.agreement.check import notes
    from leadpact.cases import cases as run

    agreement, lines, problems = reading_of(path)
    results, wrong = run(agreement, lines) if agreement and not problems else ([], [])
    problems = [*problems, *wrong]
    if problems or agreement is None:
        refuse(problems, as_json=as_json, name=path)
    remarks = notes(agreement, lines)
    if as_json:
        say_json({"problems": [], "notes": [note.as_dict() for note in remarks]})
        return
    for note in remarks:
        tell(_("Note: {note}").format(note=note))
    failed = [result for result in results if not result.passed]
    for result in failed:
        tell(_("Case '{it}' fails: {why}").format(it=result.it, why=" ".join(result.differences)))
    say(
        _("{path}: {name}, version {version}: no problems; {passed} of {all} cases pass.").format(
            path=path,
            name=agreement.agreement,
            version=agreement.version,
            passed=len(results) - len(failed),
            all=len(results),
        )
    )
    if failed:
        stop(FAILED)


def explain(path: str, *, as_json: bool) -> None:
    """Say each clause as a sentence."""
    from leadpact.agreement.explain import explain as sentences

    if Path(path).is_dir():
        told = [
            one for version in agreements_of(path, as_json=as_json) for one in sentences(version)
        ]
    else:
        agreement, lines, problems = _readable(path)
        if agreement is None or problems:
            refuse(problems, as_json=as_json, name=path)
        told = sentences(agreement, lines)
    if as_json:
        say_json({"sentences": [sentence._asdict() for sentence in told]})
        return
    for sentence in told:
        say(sentence.text)


def _readable(path: str) -> "Reading":
    from leadpact.agreement.load import read

    return read(text_of(path))


def diff(old: str, new: str, *, as_json: bool) -> None:
    """Show what the new version changes."""
    from leadpact.agreement.amend import difference

    before = agreements_of(old, as_json=as_json)[-1]
    after = agreements_of(new, as_json=as_json)[-1]
    changes = difference(before, after)
    if as_json:
        say_json({"changes": [change._asdict() for change in changes]})
        return
    for change in changes:
        say(change.sentence)
    if not changes:
        say(_("The two say the same."))


def schema() -> None:
    """Print the JSON Schema."""
    from leadpact.agreement.schema import schema as of_agreements

    say_json(of_agreements())


def cases(path: str, *, as_json: bool) -> None:
    """Run the cases of an agreement; one that fails makes the command fail."""
    from leadpact.cases import cases as run

    agreement, lines, problems = _readable(path)
    if agreement is None or problems:
        refuse(problems, as_json=as_json, name=path)
    results, problems = run(agreement, lines)
    if as_json:
        listed = [problem.as_dict() for problem in problems]
        say_json({"cases": [result.to_json() for result in results], "problems": listed})
    else:
        for result in results:
            mark = _("passes") if result.passed else _("FAILS")
            say(f"{mark}: {result.it}")
            for difference in result.differences:
                say(f"    {difference}")
        if problems:
            show(problems, as_json=False, name=path)
    if problems:
        stop(WRONG)
    if not all(result.passed for result in results):
        stop(FAILED)


def new(
    template: str | None,
    name: str,
    start: str | None,
    *,
    ask: bool,
    output: str | None,
    as_json: bool,
) -> None:
    """Print or write a new agreement."""
    from leadpact.agreement.new import new as begun
    from leadpact.agreement.new import templates

    if ask:
        text = _drafted()
    elif template is None:
        _list_templates(templates(), as_json=as_json)
        return
    elif template not in templates():
        refuse_use(
            _("There is no template '{name}'.").format(name=template),
            did_you_mean(template, templates()),
        )
    else:
        try:
            text = begun(template, name, _start(start))
        except Misread as wrong:
            refuse_use(wrong.problem, wrong.remedy)
    if output is None:
        say_json({"agreement": text}) if as_json else say(text.rstrip("\n"))
        return
    if Path(output).exists():
        refuse_use(
            _("{path} exists already.").format(path=output), _("Name a file that doesn't exist.")
        )
    write_whole(Path(output), text)
    tell(_("Wrote {path}. Next: leadpact check {path}").format(path=output))


def _start(text: str | None) -> date:
    if text is None:
        return datetime.now(UTC).date().replace(day=1)
    return day(text)


def _list_templates(found: dict[str, str], *, as_json: bool) -> None:
    if as_json:
        say_json({"templates": found})
        return
    for name, about in found.items():
        say(f"{name:12}{about}")
    tell(_("Begin with one: leadpact new {name} > agreement.yaml").format(name=next(iter(found))))


def _drafted() -> str:
    """A draft from questions asked on the terminal, or read as lines from standard input."""
    import typer

    from leadpact.agreement.interview import QUESTIONS, draft

    tell(_("Press Enter to leave a blank (…) that `leadpact check` will remind you of."))
    answers: dict[str, str] = {}
    for question in QUESTIONS:
        while True:
            asked = _("{asks} (such as: {example})").format(
                asks=question.asks, example=question.example
            )
            given = typer.prompt(asked, default="", show_default=False, err=True).strip()
            try:
                answers[question.key] = question.answer(given) if given else ""
                break
            except Misread as wrong:
                tell(f"{wrong.problem} {wrong.remedy}")
                if not is_terminal():
                    stop(WRONG)
    return draft(answers)
