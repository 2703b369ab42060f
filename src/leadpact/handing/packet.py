"""The packet: what sales is told about a lead, as agreed, and what of it is missing."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from leadpact.clock import to_datetime
from leadpact.facts import CREATED, ENGAGED, PERSONAL, key, word
from leadpact.log import Log
from leadpact.program.masks import known

MOST_LISTED = 20
"""So many things that a lead did are listed under one name, the latest first."""
_TYPES = ("type", "lead type")
_SCORE = "score"


@dataclass(frozen=True)
class Packet:
    """What is handed over: each agreed field with its value, in the agreed order; those that lack.

    The value of something personal is True: the log never keeps it, the desk shows it.
    """

    fields: Mapping[str, Any]
    missing: tuple[str, ...]


def packet(
    share: Sequence[str],
    log: Log,
    lead: int,
    *,
    score: Mapping[str, Any] | None = None,
    personal: Collection[str] = (),
) -> Packet:
    """The packet of one lead (by its place in the log) with the agreed fields `share`.

    `score` is the score with its reasons, `personal` are the personal fields that are known.
    """
    found: dict[str, Any] = {}
    for name in share:
        value = _value(name, log, lead, score, personal)
        if value not in (None, "", []):
            found[name] = value
    return Packet(found, tuple(name for name in share if name not in found))


def _value(
    name: str,
    log: Log,
    lead: int,
    score: Mapping[str, Any] | None,
    personal: Collection[str],
) -> Any:
    if name.split()[0:1] == [_SCORE]:
        return dict(score) if score else None
    if key(name) in PERSONAL or name in personal:
        return True if name in personal or key(name) in personal else None
    return _attribute(name, log, lead) or _done(name, log, lead)


def _attribute(name: str, log: Log, lead: int) -> str | None:
    """The latest word of an attribute of the lead."""
    last = int(log.starts[lead + 1]) - 1
    if last < int(log.starts[lead]):
        return None
    if name in _TYPES:
        rows = _rows(log, lead)
        created = rows[(log.kind[rows] == CREATED) & (log.code[rows] >= 0)]
        return log.codes[log.code[created[-1]]] if len(created) else None
    one = _alone(log, lead)
    codes, words = known(one, name)
    return words[codes[-1]] if len(codes) and codes[-1] >= 0 else None


def _alone(log: Log, lead: int) -> Log:
    """The log of one lead."""
    from leadpact.log.sorting import only

    chosen = np.zeros(len(log), np.bool_)
    chosen[log.starts[lead] : log.starts[lead + 1]] = True
    return only(log, chosen)


def _done(name: str, log: Log, lead: int) -> list[dict[str, str]]:
    """What the lead did that goes by a name: all its words are in what was done."""
    wanted = {*_singular(name)}
    fitting = [n for n, text in enumerate(log.codes) if wanted <= {*_singular(text)}]
    rows = _rows(log, lead)
    rows = rows[(log.kind[rows] == ENGAGED) & np.isin(log.code[rows], fitting)]
    return [
        {
            "what": log.codes[log.code[row]],
            "at": to_datetime(int(log.at[row])).isoformat(),
            **{
                field: text
                for field in ("source", "campaign", "channel")
                if field in log.fields and (text := log.fields[field].of(row))
            },
        }
        for row in rows[::-1][:MOST_LISTED].tolist()
    ]


def _rows(log: Log, lead: int) -> Any:
    return np.arange(int(log.starts[lead]), int(log.starts[lead + 1]))


def _singular(text: str) -> list[str]:
    return [
        part[:-1] if len(part) > 3 and part.endswith("s") else part for part in word(text).split()
    ]
