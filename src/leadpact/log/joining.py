"""Joining: the parts of one sorted log, end to end."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import numpy as np

from leadpact.log.columns import Ints, Log, Sparse


def joined(parts: Sequence[Log]) -> Log | None:
    """One log of parts that follow each other by lead; None where they don't.

    The words of subjects, people and systems must be the same in all parts.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    leads = pa.concat_arrays([part.leads for part in parts])
    longest = max(parts, key=lambda part: (len(part.codes), len(part.people)))
    if not pc.all(pc.less(leads[:-1], leads[1:])).as_py() or not _alike(parts, longest):
        return None
    offsets = [0, *accumulate(len(part) for part in parts)]
    starts = [part.starts[:-1] + offset for part, offset in zip(parts, offsets, strict=False)]
    at = np.concatenate([part.at for part in parts])
    told = any(part.recorded_at is not part.at for part in parts)
    ids = [part.source_ids for part in parts]
    return Log(
        leads=leads,
        starts=np.concatenate([*starts, [offsets[-1]]]).astype(np.int64),
        at=at,
        recorded_at=np.concatenate([part.recorded_at for part in parts]) if told else at,
        kind=np.concatenate([part.kind for part in parts]),
        code=np.concatenate([part.code for part in parts]),
        who=np.concatenate([part.who for part in parts]),
        amount=np.concatenate([part.amount for part in parts]),
        flags=np.concatenate([part.flags for part in parts]),
        codes=longest.codes,
        people=longest.people,
        fields=_fields(parts, offsets),
        source=np.concatenate([part.source for part in parts]),
        systems=longest.systems,
        source_ids=None if ids[0] is None else pa.concat_arrays(ids),
        zone=longest.zone,
        counts={"read": offsets[-1]},
    )


def _alike(parts: Sequence[Log], longest: Log) -> bool:
    return all(
        longest.codes[: len(part.codes)] == part.codes
        and longest.people[: len(part.people)] == part.people
        and longest.systems == part.systems
        and (part.source_ids is None) == (longest.source_ids is None)
        for part in parts
    )


def _fields(parts: Sequence[Log], offsets: Sequence[int]) -> dict[str, Sparse]:
    names = dict.fromkeys(name for part in parts for name in part.fields)
    return {name: _field(name, parts, offsets) for name in names}


def _field(name: str, parts: Sequence[Log], offsets: Sequence[int]) -> Sparse:
    words: dict[str, int] = {}
    rows: list[Ints] = []
    codes = []
    for part, offset in zip(parts, offsets, strict=False):
        if field := part.fields.get(name):
            shared = np.array([words.setdefault(w, len(words)) for w in field.words], np.int32)
            rows.append(field.rows + offset)
            codes.append(shared[field.codes])
    return Sparse(np.concatenate(rows), np.concatenate(codes), tuple(words))
