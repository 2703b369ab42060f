"""Load: the text of an agreement becomes clauses, or a list of everything that is wrong with it."""

from collections.abc import Iterable, Mapping
from itertools import pairwise
from operator import attrgetter
from pathlib import Path as File
from typing import NamedTuple, TypeAlias

from pydantic import ValidationError

from leadpact.agreement import findings
from leadpact.agreement.mistakes import mistyped, short, unfilled, unreadable
from leadpact.agreement.model import Agreement
from leadpact.agreement.places import Places, folded
from leadpact.agreement.references import inconsistent
from leadpact.document import MOST_BYTES, Document, parse
from leadpact.problem import Path, Problem
from leadpact.words import _

Source: TypeAlias = File | str | bytes
"""A path; or a text, as bytes or as a string of several lines."""

MOST_READ = 16 * MOST_BYTES


class Reading(NamedTuple):
    """A text as it was read: its clauses, None where they can't be typed; lines; problems."""

    agreement: Agreement | None
    lines: Mapping[Path, int]
    problems: list[Problem]


def load(text: str | bytes, name: str = "") -> tuple[Agreement | None, list[Problem]]:
    """The agreement in a text, or None with every problem that keeps it from being used.

    `name`, where given, stands before the place of each problem, as with several files.
    """
    reading = read(text)
    if not reading.problems:
        return reading.agreement, []
    if not name:
        return None, reading.problems
    return None, [_in_file(problem, name) for problem in reading.problems]


def read(text: str | bytes) -> Reading:
    """The agreement in a text with its lines; typed as far as possible even with problems."""
    document, problems = parse(text)
    if document is None:
        return Reading(None, {}, problems)
    return typed(document, problems)


def typed(document: Document, problems: Iterable[Problem] = ()) -> Reading:
    """The agreement in a parsed document; `problems` are those found while parsing."""
    places = Places(document.lines)
    found = unreadable(document.value)
    agreement = None
    try:
        agreement = Agreement.model_validate(document.value)
    except ValidationError as error:
        found += unfilled(document.value)
        found += mistyped(error, document.value, places, {blank.path for blank in found})
    else:
        blanks = {folded(blank.path) for blank in found}
        found += [one for one in inconsistent(agreement) if folded(one.path) not in blanks]
    ordered = sorted([*problems, *findings.problems(found, places)], key=attrgetter("line"))
    return Reading(agreement, document.lines, ordered)


def _in_file(problem: Problem, name: str) -> Problem:
    place = f"{name}: {problem.path}" if problem.path else name
    return problem._replace(path=place)


def load_versions(
    sources: Source | Iterable[Source],
) -> tuple[tuple[Agreement, ...], list[Problem]]:
    """The versions of one agreement, oldest first: from a file, a folder of files, or several.

    They bear the same name, their numbers rise with their `valid from`. No version is returned
    where there is any problem.
    """
    listed = [sources] if isinstance(sources, (File, str, bytes)) else list(sources)
    texts, problems = _texts(listed)
    versions: list[tuple[str, Agreement]] = []
    for name, text in texts:
        agreement, wrong = load(text, name if len(texts) > 1 else "")
        problems += wrong
        if agreement is not None:
            versions.append((name, agreement))
    versions.sort(key=lambda entry: (entry[1].valid_from, entry[1].version))
    problems += _sequence(versions)
    return (() if problems else tuple(agreement for _name, agreement in versions)), problems


def _texts(sources: list[Source]) -> tuple[list[tuple[str, str | bytes]], list[Problem]]:
    """The texts with their names, and what can't be read."""
    texts: list[tuple[str, str | bytes]] = []
    problems: list[Problem] = []
    for place, source in enumerate(sources, 1):
        if isinstance(source, bytes) or (isinstance(source, str) and "\n" in source):
            texts.append((_("text {n}").format(n=place), source))
            continue
        try:
            texts += [(file.name, _start_of(file)) for file in _files(File(source))]
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or str(error)
            said = _("{name} can't be read: {why}.").format(name=short(source), why=why)
            problems.append(Problem("", 0, said, _("Check the name and the rights of the file.")))
    if not texts and not problems:
        said = _("There is no agreement in {name}.").format(name=", ".join(map(str, sources)))
        problems.append(Problem("", 0, said, _("Put a file that ends in .yaml there.")))
    return texts, problems


def _files(source: File) -> list[File]:
    if not source.is_dir():
        return [source]
    return sorted(file for file in source.iterdir() if file.suffix in {".yaml", ".yml"})


def _start_of(file: File) -> bytes:
    """A text, or as much of it as shows that it is too long to be read."""
    with file.open("rb") as stream:
        return stream.read(MOST_READ)


def _sequence(versions: list[tuple[str, Agreement]]) -> list[Problem]:
    found: list[Problem] = []
    for (earlier, old), (later, new) in pairwise(versions):
        if old.agreement != new.agreement:
            found.append(
                Problem(
                    f"{later}: agreement",
                    0,
                    _("'{new}' is not the agreement of {file}, '{old}'.").format(
                        new=new.agreement, file=earlier, old=old.agreement
                    ),
                    _("Keep one agreement in a folder, under one name."),
                )
            )
        if new.version <= old.version or new.valid_from <= old.valid_from:
            found.append(
                Problem(
                    f"{later}: version",
                    0,
                    _("Version {new} from {to} does not follow version {old} from {since}.").format(
                        new=new.version, to=new.valid_from, old=old.version, since=old.valid_from
                    ),
                    _("Give each version a higher number and a later `valid from`."),
                )
            )
    return found
