"""Before: what lies before an agreement was put in force is ruled by it, and announced to nobody."""

from collections.abc import Sequence

from leaddesk.book.rules import Rules
from leadpact.judge import judge
from leadpact.log import Log
from leadpact.notices import Notice, notices
from leadpact.rulings import rulings


def told_apart(rules: Rules, log: Log, said: Sequence[Notice]) -> tuple[list[Notice], list[Notice]]:
    """What is to be announced, and what had come about already when its version was put in force.

    A correction comes about when it is found.
    """
    old: set[str] = set()
    for instant in {_in_force_at(rules, one) for one in said if _began_before(rules, one)}:
        then = judge(rules.program, log, now=instant)
        old |= {one.key for one in notices(rulings(then.obligations, then.stories))}
    old -= {one.key for one in said if not _began_before(rules, one)}
    return [one for one in said if one.key not in old], [one for one in said if one.key in old]


def _began_before(rules: Rules, one: Notice) -> bool:
    return one.kind != "corrected" and one.started < _in_force_at(rules, one)


def _in_force_at(rules: Rules, one: Notice) -> int:
    return rules.in_force_at.get(one.version, 0)
