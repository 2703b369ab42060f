"""Beginning: a new agreement, from a template or from questions."""

import sys
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from leadpact.cli.files import output as look_at
from leadpact.cli.files import write_text
from leadpact.cli.output import refuse, refuse_use, say, say_json, tell
from leadpact.cli.tables import wrapped
from leadpact.problem import Problem, did_you_mean
from leadpact.units import Misread, day
from leadpact.words import _, ngettext

if TYPE_CHECKING:
    from leadpact.agreement.interview import Question


def new(
    template: str | None,
    name: str | None,
    start: str | None,
    *,
    ask: bool,
    output: str | None,
    as_json: bool,
) -> None:
    """Print or write a new agreement, or list the templates."""
    from leadpact.agreement.new import templates

    look_at(output, (".yaml", ".yml"), fresh=True)
    if template is None and not ask:
        _list_templates(templates(), as_json=as_json)
        return
    if template is not None and ask:
        said = _("--ask drafts an agreement without a template.")
        refuse_use("--ask", said, _("Leave one of the two out."))
    if template is None:
        text = _drafted({"name": name, "start": start})
    else:
        text = _begun(template, _("Our agreement") if name is None else name, start)
    if output is not None:
        write_text(output, text)
        tell(_("Wrote {path}. Next: leadpact check {path}").format(path=output))
    if as_json:
        say_json({"agreement": text})
    elif output is None:
        say(text.rstrip("\n"))


def _begun(template: str, name: str, start: str | None) -> str:
    from leadpact.agreement.new import new as begun
    from leadpact.agreement.new import templates

    if template not in templates():
        said = _("There is no template '{name}'.").format(name=template)
        refuse_use("TEMPLATE", said, did_you_mean(template, templates()))
    try:
        first = _this_month() if start is None else day(start)
    except Misread as wrong:
        refuse_use("--start", wrong.problem, wrong.remedy)
    try:
        return begun(template, name, first)
    except Misread as wrong:
        refuse_use("--name", wrong.problem, wrong.remedy)


def _this_month() -> date:
    return datetime.now(UTC).date().replace(day=1)


def _list_templates(found: dict[str, str], *, as_json: bool) -> None:
    if as_json:
        say_json({"templates": found})
        return
    for name, about in found.items():
        say(wrapped(about, first=f"{name:10}", rest=" " * 10))
    tell(_("Begin with one:     leadpact new minimal -o agreement.yaml"))
    tell(_("Or from questions:  leadpact new --ask -o agreement.yaml"))


def _drafted(known: dict[str, str | None]) -> str:
    """A draft from questions, answered on the terminal or line by line on standard input.

    What options have told already isn't asked.
    """
    from leadpact.agreement.interview import BLANK, QUESTIONS, draft

    tell(_("{n} questions lead to a first draft.").format(n=len(QUESTIONS)))
    tell(_("Enter leaves a blank (…), or takes what stands in brackets; Ctrl-D leaves the rest."))
    answers: dict[str, str] = {}
    for place, question in enumerate(QUESTIONS, 1):
        told = known.get(question.key)
        given = _answered(question, f"{place}/{len(QUESTIONS)}") if told is None else told
        if given is None:
            tell("")
            break
        answers[question.key] = given
    try:
        text = draft(answers)
    except Misread as wrong:
        refuse_use("--start", wrong.problem, wrong.remedy)
    if blanks := sum(BLANK in line for line in text.splitlines()[1:]):
        said = ngettext("{n} line has a blank left.", "{n} lines have a blank left.", blanks)
        tell(said.format(n=blanks))
    return text


def _answered(question: "Question", place: str) -> str | None:
    """The answer that can be read, asking again on a terminal; None at the end of the input."""
    default = "" if question.default is None else f" [{question.default}]"
    asked = _("{asks} Such as: {example}").format(asks=question.asks, example=question.example)
    while True:
        tell(wrapped(asked, first=f"\n{place}  ", rest="      "))
        sys.stderr.write(f"  {default.strip()}> ")
        sys.stderr.flush()
        if not (line := sys.stdin.buffer.readline().decode("utf-8", "replace")):
            return None
        given = line.strip()
        try:
            question.answer(given)
        except Misread as wrong:
            if not sys.stdin.isatty():
                refuse([Problem(question.asks, 0, wrong.problem, wrong.remedy)], "stdin")
            tell(f"{wrong.problem} {wrong.remedy}")
        else:
            return given
