"""Authoring: the commands about an agreement's text."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path as File
from typing import TYPE_CHECKING, NamedTuple

from leadpact.cli.headings import heading
from leadpact.cli.inputs import agreements_of, is_folder, once, text_of
from leadpact.cli.output import FAILED, refuse, say, say_json, stop, tell
from leadpact.cli.tables import width, wrapped
from leadpact.problem import Path, Problem
from leadpact.words import _, ngettext

if TYPE_CHECKING:
    from leadpact.agreement.amend import Change
    from leadpact.agreement.explain import Sentence
    from leadpact.agreement.load import Reading
    from leadpact.agreement.model import Agreement
    from leadpact.cases import Result


class Version(NamedTuple):
    """One version of an agreement that can be read, and the lines of its text."""

    name: str
    agreement: "Agreement"
    lines: Mapping[Path, int]


def versions_of(path: str, *, checked: bool) -> list[Version]:
    """The versions in a file, a folder or standard input; with problems the command ends.

    `checked` asks that they are also complete, two-sided and possible to keep.
    """
    from leadpact.agreement.check import examine
    from leadpact.agreement.load import read

    found: list[Version] = []
    problems: list[Problem] = []
    for name, text in _texts(path):
        reading: Reading = (examine if checked else read)(text)
        problems += _in_file(reading.problems, name)
        if reading.agreement is not None:
            found.append(Version(name, reading.agreement, reading.lines))
    if problems:
        refuse(problems, path)
    if is_folder(path):
        agreements_of(path)
    return found


def _texts(path: str) -> Iterator[tuple[str, bytes]]:
    if not is_folder(path):
        yield "", text_of(path)
        return
    for file in sorted(File(path).iterdir()):
        if file.suffix in {".yaml", ".yml"}:
            yield file.name, text_of(str(file))


def _in_file(problems: Sequence[Problem], name: str) -> list[Problem]:
    if not name:
        return [*problems]
    return [
        problem._replace(path=f"{name}: {problem.path}" if problem.path else name)
        for problem in problems
    ]


def check(path: str, *, as_json: bool) -> None:
    """List the problems of an agreement, or say that there are none."""
    from leadpact.agreement.check import notes
    from leadpact.cases import cases as run

    versions = versions_of(path, checked=True)
    problems: list[Problem] = []
    for name, agreement, lines in versions:
        results, wrong = run(agreement, lines)
        problems += _in_file([*wrong, *_failures(results)], name)
    for name, agreement, lines in versions:
        for note in _in_file(notes(agreement, lines), name):
            tell(_("Note: {note}").format(note=note))
    if problems:
        refuse(problems, path)
    if as_json:
        say_json({"problems": []})
        return
    for name, agreement, _lines in versions:
        say(_fine(f"{path}/{name}" if name else path, agreement))


def _failures(results: "Sequence[Result]") -> Iterator[Problem]:
    """Worked examples that come out otherwise, as problems of the text that holds them."""
    for result in results:
        if not result.passed:
            said = _("The case '{it}' comes out otherwise: {differences}").format(
                it=result.it, differences=" ".join(result.differences)
            )
            remedy = _("Change the case, or the clause that it is about.")
            yield Problem(result.path, result.line, said, remedy)


def _fine(name: str, agreement: "Agreement") -> str:
    said = _("{path}: {name}, version {version}: no problems").format(
        path=name, name=agreement.agreement, version=agreement.version
    )
    count = len(agreement.cases)
    passed = ngettext("its case passes", "all {n} cases pass", count).format(n=count)
    return f"{said}; {passed}." if count else f"{said}."


def explain(path: str, *, as_json: bool) -> None:
    """Say each clause as a sentence, under headings."""
    from leadpact.agreement.explain import explain as sentences

    versions = versions_of(path, checked=False)
    if as_json:
        told = (s for v in versions for s in sentences(v.agreement, v.lines))
        say_json({"sentences": (sentence.as_dict() for sentence in told)})
        return
    for place, (_name, agreement, lines) in enumerate(versions):
        if place:
            say()
        _say_sentences(agreement, sentences(agreement, lines))


def _say_sentences(agreement: "Agreement", told: "Sequence[Sentence]") -> None:
    say(agreement.agreement)
    say("=" * width(agreement.agreement))
    before = ""
    for sentence in told:
        before = _say_heading(sentence.path, before)
        say(wrapped(sentence.text, rest="  "))


def _say_heading(path: str, before: str) -> str:
    """The heading of a clause, shown where it isn't that of the clause before."""
    above = heading(path)
    if above != before:
        say()
        say(above)
        say("-" * width(above))
    return above


def diff(old: str, new: str, *, as_json: bool) -> None:
    """Show what the new version changes."""
    from leadpact.agreement.amend import difference

    once(old, new)
    before, after = agreements_of(old)[-1], agreements_of(new)[-1]
    changes = difference(before, after)
    if as_json:
        say_json({"changes": [change._asdict() for change in changes]})
        return
    said = _("{name}: from version {old} to version {new}")
    say(said.format(name=after.agreement, old=before.version, new=after.version))
    above = ""
    for change in changes:
        above = _say_heading(change.path, above)
        _say_change(change)
    if not changes:
        say(_("The two say the same."))


def _say_change(change: "Change") -> None:
    say(change.path)
    for mark, text in (("-", change.before), ("+", change.after)):
        if text is not None:
            say(wrapped(text, first=f"  {mark} ", rest="    "))


def schema() -> None:
    """Print the JSON Schema."""
    from leadpact.agreement.schema import schema as of_agreements

    say_json(of_agreements())


def cases(path: str, *, as_json: bool) -> None:
    """Run the cases of an agreement; one that fails makes the command fail."""
    from leadpact.cases import cases as run

    results: list[Result] = []
    problems: list[Problem] = []
    for name, agreement, lines in versions_of(path, checked=False):
        went, wrong = run(agreement, lines)
        results += went
        problems += _in_file(wrong, name)
    if problems:
        refuse(problems, path)
    if as_json:
        say_json({"cases": [result.to_json() for result in results]})
    else:
        _say_cases(results)
    if not all(result.passed for result in results):
        stop(FAILED)


def _say_cases(results: "Sequence[Result]") -> None:
    for result in results:
        mark = _("passes") if result.passed else _("FAILS ")
        say(wrapped(result.it, first=f"{mark}  ", rest="        "))
        for difference in result.differences:
            say(wrapped(difference, first="          ", rest="          "))
    passed = sum(result.passed for result in results)
    tell(_("{passed} of {all} cases pass.").format(passed=passed, all=len(results)))
