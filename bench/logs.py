"""Synthetic logs: leads that go the usual ways through a funnel, as many facts as wanted."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.random import Generator

from leadpact import facts
from leadpact.log import MONEY_SCALE, NONE, SILENT, Log, Sparse

MINUTE = 60_000_000
DAY = 1440 * MINUTE
YEAR_START = 1_767_225_600_000_000  # 2026-01-01 00:00 UTC
PER_LEAD = 12

PEOPLE = tuple(f"rep {number:02}" for number in range(1, 41))
TYPES = ("website form", "outbound", "download", "demo", "chat", "e-mail")
DEEDS = ("demo requested", "guide downloaded", "webinar attended", "pricing viewed")
CHANNELS = ("phone", "email", "video", "voice message")
REASONS = ("wrong size", "wrong role", "unreachable", "price", "no budget", "asked to wait")
STAGES = ("mql", "sql", "opportunity")
TRACKS = ("re-engage",)
WORDS = TYPES + DEEDS + CHANNELS + REASONS + STAGES + TRACKS


@dataclass
class Slot:
    """One fact that a lead may have: its kind, who has it, and what it says."""

    kind: int
    has: np.ndarray
    minutes: np.ndarray  # after the slot before
    code: np.ndarray | None = None
    who: np.ndarray | None = None
    amount: np.ndarray | None = None


def synthetic(n_facts: int, seed: int) -> Log:
    """A log of so many facts of 2026, about twelve a lead; the same for the same seed."""
    rng = np.random.default_rng(seed)
    leads = n_facts // (PER_LEAD - 1) + 100  # enough; what is too much is cut off
    slots = _slots(leads, rng)
    has = np.stack([slot.has for slot in slots], axis=1)
    begins = YEAR_START + rng.integers(0, 365 * DAY // MINUTE, leads) * MINUTE
    waits = np.stack([np.where(slot.has, slot.minutes, 0) for slot in slots], axis=1)
    at = (begins[:, None] + np.cumsum(waits, axis=1) * MINUTE)[has][:n_facts]
    counts = _cut(has.sum(axis=1), n_facts)
    return _log(slots, has, counts, at)


def _slots(n: int, rng: Generator) -> list[Slot]:
    everyone = np.ones(n, np.bool_)
    qualified = rng.random(n) < 0.88
    handed = qualified & (rng.random(n) < 0.98)
    owner = rng.integers(0, len(PEOPLE), n)
    moved_on = handed & (rng.random(n) < 0.15)
    tries = np.where(handed, rng.integers(0, 10, n), 0)
    replied = handed & (rng.random(n) < 0.45)
    sql = replied & (rng.random(n) < 0.7)
    deal = sql & (rng.random(n) < 0.6)
    paused = handed & (rng.random(n) < 0.06)
    slots = [
        Slot(facts.CREATED, everyone, _minutes(rng, n, 1), _some(rng, n, TYPES)),
        Slot(facts.DESCRIBED, rng.random(n) < 0.8, _minutes(rng, n, 2)),
        Slot(facts.ENGAGED, everyone, _minutes(rng, n, 90), _some(rng, n, DEEDS)),
        Slot(facts.ENGAGED, rng.random(n) < 0.6, _minutes(rng, n, 4000), _some(rng, n, DEEDS)),
        Slot(facts.MOVED, qualified, _minutes(rng, n, 3), _word(n, "mql")),
        Slot(facts.HANDED_OVER, handed, _minutes(rng, n, 10), None, owner),
        Slot(facts.ACCEPTED, handed & (rng.random(n) < 0.8), _minutes(rng, n, 120), None, owner),
        Slot(facts.ASSIGNED, moved_on, _minutes(rng, n, 600), None, (owner + 1) % len(PEOPLE)),
    ]
    owner = np.where(moved_on, (owner + 1) % len(PEOPLE), owner)
    for number in range(9):
        wait = _minutes(rng, n, 150 if number == 0 else 2500)
        slots.append(Slot(facts.ATTEMPTED, tries > number, wait, _some(rng, n, CHANNELS), owner))
        slots[-1].amount = rng.integers(0, 600, n) * (rng.random(n) < 0.6) * MONEY_SCALE
        if number == 1:
            reason = _word(n, "asked to wait")
            slots.append(Slot(facts.PAUSED, paused, _minutes(rng, n, 300), reason, owner))
            slots.append(Slot(facts.RESUMED, paused, _minutes(rng, n, 9000), None, owner))
    slots.append(Slot(facts.REPLIED, replied, _minutes(rng, n, 900), _some(rng, n, CHANNELS)))
    return slots + _ends(n, rng, owner, handed & ~sql, sql, deal)


def _ends(n, rng, owner, idle, sql, deal) -> list[Slot]:
    won = deal & (rng.random(n) < 0.25)
    share = rng.random(n)
    value = rng.integers(500, 20_000, n) * MONEY_SCALE
    reason = _some(rng, n, REASONS)
    return [
        Slot(facts.REJECTED, idle & (share < 0.12), _minutes(rng, n, 300), reason, owner),
        Slot(facts.RETURNED, idle & (share > 0.6), _minutes(rng, n, 900), _word(n, TRACKS[0])),
        Slot(facts.MOVED, sql, _minutes(rng, n, 3000), _word(n, "sql"), owner),
        Slot(facts.MOVED, deal, _minutes(rng, n, 6000), _word(n, "opportunity"), owner, value),
        Slot(facts.CONVERTED, deal, _minutes(rng, n, 1), None, owner, value),
        Slot(facts.WON, won, _minutes(rng, n, 30_000), None, owner, value),
        Slot(facts.LOST, deal & ~won & (share < 0.8), _minutes(rng, n, 40_000), reason, owner),
    ]


def _minutes(rng: Generator, n: int, mean: int) -> np.ndarray:
    return 1 + rng.exponential(mean, n).astype(np.int64)


def _some(rng: Generator, n: int, words: tuple[str, ...]) -> np.ndarray:
    return WORDS.index(words[0]) + rng.integers(0, len(words), n)


def _word(n: int, word: str) -> np.ndarray:
    return np.full(n, WORDS.index(word))


def _cut(counts: np.ndarray, n_facts: int) -> np.ndarray:
    """The facts of each lead, until there are `n_facts` in all."""
    ends = np.minimum(np.cumsum(counts), n_facts)
    counts = np.diff(ends, prepend=0)
    return counts[counts > 0]


def _log(slots: list[Slot], has: np.ndarray, counts: np.ndarray, at: np.ndarray) -> Log:
    def column(values: list[np.ndarray], dtype: type) -> np.ndarray:
        return np.stack(values, axis=1)[has][: len(at)].astype(dtype)

    n = len(has)
    nothing, none = np.full(n, -1), np.full(n, NONE)
    kind = column([np.full(n, slot.kind) for slot in slots], np.int8)
    amount = column([none if slot.amount is None else slot.amount for slot in slots], np.int64)
    code = column([nothing if slot.code is None else slot.code for slot in slots], np.int32)
    silent = (kind == facts.ATTEMPTED) & (amount == 0)
    numbers = pc.utf8_lpad(pa.array(np.arange(1, len(counts) + 1)).cast(pa.string()), 9, "0")
    return Log(
        leads=pc.binary_join_element_wise("L-", numbers, ""),
        starts=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        at=at,
        recorded_at=at,
        kind=kind,
        code=code,
        who=column([nothing if slot.who is None else slot.who for slot in slots], np.int32),
        amount=amount,
        flags=np.where(silent, SILENT, 0).astype(np.uint8),
        codes=WORDS,
        people=PEOPLE,
        fields=_fields(kind, code),
        source=np.zeros(len(at), np.int32),
        systems=("synthetic",),
        zone="Europe/Warsaw",
    )


def _fields(kind: np.ndarray, code: np.ndarray) -> dict[str, Sparse]:
    created = np.flatnonzero(kind == facts.CREATED)
    described = np.flatnonzero(kind == facts.DESCRIBED)
    spread = described * 2_654_435_761 % 2**32  # Knuth's multiplicative hash: even, no generator
    return {
        "type": Sparse(created, code[created], WORDS),
        "stream": Sparse(created, (created % 3 == 0).astype(np.int32), ("shops", "brands")),
        "industry": Sparse(
            described, (spread % 4).astype(np.int32), ("retail", "food", "software", "media")
        ),
        "employees": Sparse(
            described, (spread // 7 % 5).astype(np.int32), ("5", "20", "60", "200", "1500")
        ),
        "role": Sparse(
            described, (spread // 11 % 3).astype(np.int32), ("decision maker", "influencer", "user")
        ),
    }
