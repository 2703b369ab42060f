"""As of a moment: what had happened and was known, with merges and facts of accounts resolved."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from leadpact import facts
from leadpact.log.columns import COPIED, Bools, Codes, Ints, Log, Sparse
from leadpact.log.inserting import ranges, with_copies
from leadpact.log.sorting import only


def as_of(log: Log, now: int, known_at: int | None) -> Log:
    """See `Log.as_of`. A log to which nothing of this applies is returned as it is."""
    present = _standing(log, now, known_at)
    accounts = None if log.accounts is None else _standing(log.accounts, now, known_at)
    merged = _merged(present)
    if accounts is None:
        return merged
    fanned = replace(_fanned_out(merged, accounts), accounts=None)
    return fanned.counting(
        **{name.replace(" ", "_"): count for name, count in accounts.counts.items()}
    )


def _standing(log: Log, now: int, known_at: int | None) -> Log:
    """The facts that have happened, are known and weren't taken back."""
    return _not_taken_back(_known(_happened(log, now), known_at))


def _happened(log: Log, now: int) -> Log:
    if not len(log) or int(log.at.max()) <= now:
        return log
    happened = log.at <= now
    return only(log, happened).counting(future=int((~happened).sum()))


def _known(log: Log, known_at: int | None) -> Log:
    if known_at is None or not len(log) or int(log.recorded_at.max()) <= known_at:
        return log
    known = log.recorded_at <= known_at
    return only(log, known).counting(not_yet_known=int((~known).sum()))


def _not_taken_back(log: Log) -> Log:
    named = log.fields.get("fact")
    if log.source_ids is None or named is None:
        return log
    corrections = np.flatnonzero(log.kind == facts.CORRECTED)
    said = named.dense(len(log))[corrections]
    corrections, said = corrections[said >= 0], said[said >= 0]
    if not len(corrections):
        return log
    taken = _taken_back(log, corrections, said, named.words)
    keep = np.ones(len(log), np.bool_)
    keep[taken] = False
    return only(log, keep).counting(retracted=len(taken))


def _taken_back(log: Log, corrections: Ints, said: Codes, words: tuple[str, ...]) -> Ints:
    """The rows that a standing correction of the same lead names by their source id."""
    import pyarrow as pa
    import pyarrow.compute as pc

    leads = np.unique(log.lead[corrections])
    rows = ranges(log.starts[leads], log.starts[leads + 1])
    ids = pc.index_in(
        (log.source_ids or pa.nulls(0)).take(pa.array(rows)), pa.array(words, pa.string())
    )
    code = ids.fill_null(-1).to_numpy(zero_copy_only=False)
    rows, code = rows[code >= 0], code[code >= 0]
    identity = log.lead[rows].astype(np.int64) * len(words) + code
    names = log.lead[corrections].astype(np.int64) * len(words) + said
    stands: Bools = np.ones(len(corrections), np.bool_)
    taken: Ints = rows[:0]
    for _chain in range(64):  # a correction may itself be taken back, and that one again
        taken = rows[np.isin(identity, names[stands])]
        still = ~np.isin(corrections, taken)
        if (still == stands).all():
            break
        stands = still
    return taken


def _merged(log: Log) -> Log:
    """Every lead that was merged away gives a copy of its facts to the lead that survives."""
    if "merged_from" in log.fields:
        return log  # resolved already
    merges = np.flatnonzero(log.kind == facts.MERGED)
    if not len(merges):
        return log
    next_, missing = _next_leads(log, merges)
    survivor, cyclic = _survivors(next_)
    losers = np.flatnonzero((next_ >= 0) & ~cyclic)
    rows = ranges(log.starts[losers], log.starts[losers + 1])
    rows = rows[log.kind[rows] != facts.MERGED]
    own = log.lead[rows]
    names: tuple[str, ...] = tuple(log.leads.take(losers).to_pylist()) if len(losers) else ()
    origin = Sparse(np.arange(len(rows)), np.searchsorted(losers, own).astype(np.int32), names)
    copied = with_copies(log, log, rows, survivor[own], COPIED, "merged_from", origin)
    return copied.counting(
        merged=len(losers), merge_cycles=int(cyclic.sum()), merges_without_survivor=missing
    )


def _next_leads(log: Log, merges: Ints) -> tuple[Ints, int]:
    """For each lead the one it was merged into, -1 for none; and how many lead nowhere."""
    import pyarrow as pa
    import pyarrow.compute as pc

    next_ = np.full(len(log.leads), -1, np.int64)
    into = log.fields.get("into")
    if into is None:
        return next_, len(merges)
    places = pc.index_in(pa.array(into.words, pa.string()), log.leads)
    target = np.append(places.fill_null(-1).to_numpy(zero_copy_only=False), -1)
    next_[log.lead[merges]] = target[into.dense(len(log))[merges]]
    return next_, int((next_[np.unique(log.lead[merges])] < 0).sum())


def _survivors(next_: Ints) -> tuple[Ints, Bools]:
    """The last lead of each chain of merges, and which leads never reach one."""
    last = np.where(next_ >= 0, next_, np.arange(len(next_)))
    for _doubling in range(len(next_).bit_length() + 1):
        last = last[last]
    return last, next_[last] >= 0


def _fanned_out(log: Log, accounts: Log) -> Log:
    """Facts about an account reach every lead whose `created` names it."""
    account, lead = memberships(log, accounts)
    counts = accounts.starts[account + 1] - accounts.starts[account]
    chosen = ranges(accounts.starts[account], accounts.starts[account + 1])
    origin = Sparse(
        np.arange(len(chosen)), np.repeat(account, counts).astype(np.int32), tuple(accounts.keys)
    )
    fanned = with_copies(
        log, accounts, chosen, np.repeat(lead, counts), COPIED, "fanned_from", origin
    )
    alone = int(np.diff(accounts.starts)[~np.isin(np.arange(len(accounts.leads)), account)].sum())
    return fanned.counting(fanned_out=len(chosen), account_facts_without_lead=alone)


def memberships(log: Log, accounts: Log) -> tuple[Ints, Ints]:
    """Which leads belong to which accounts, by their `created`: indexes of both, pair by pair."""
    import pyarrow as pa
    import pyarrow.compute as pc

    named = log.fields.get("account", Sparse(np.zeros(0, np.int64), np.zeros(0, np.int32), ()))
    places = pc.index_in(pa.array(named.words, pa.string()), accounts.leads)
    account = np.append(places.fill_null(-1).to_numpy(zero_copy_only=False), -1)[named.codes]
    known = (account >= 0) & (log.kind[named.rows] == facts.CREATED)
    lead = log.lead[named.rows[known]]
    leads = max(len(log.leads), 1)
    pairs = np.unique(account[known].astype(np.int64) * leads + lead)
    return np.divmod(pairs, leads)
