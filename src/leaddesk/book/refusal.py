"""Refusals: why something that was asked for isn't done. Every door answers them in its own way."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from leadpact.problem import Problem


class Refused(Exception):
    """What was handed in can't be taken; all that is wrong with it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("; ".join(str(problem) for problem in self.problems))


class Forbidden(Exception):
    """Somebody hasn't the right to `act`."""

    def __init__(self, act: str) -> None:
        self.act = act
        super().__init__(act)


class Absent(Exception):
    """There is no such thing in this workspace."""

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(what)


class Stale(Exception):
    """Somebody else changed it since; `version` is the one that stands now."""

    def __init__(self, version: int) -> None:
        self.version = version
        super().__init__(version)


def refused(path: str, problem: str, remedy: str) -> Refused:
    """A refusal for one reason."""
    return Refused([Problem(path, 0, problem, remedy)])


def taken(path: str, value: str) -> Refused:
    """The refusal of a key that is there already."""
    what = _("There is already a '{value}'.").format(value=value)
    return refused(path, what, _("Choose another one, or change the one that is there."))
