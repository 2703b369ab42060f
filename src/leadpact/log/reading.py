"""Reading: a log from facts in memory, or from a file of JSON lines, CSV or Parquet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from leadpact.log.columns import Log
from leadpact.log.entries import log_of
from leadpact.log.instants import zone_of
from leadpact.log.lines import columns_of
from leadpact.log.entries import Entries
from leadpact.problem import Problem


def from_facts(
    facts: Sequence[Mapping[str, Any]], zone: str, name: str
) -> tuple[Log, list[Problem]]:
    """A log of facts in their JSON form; facts with problems are left out."""
    where = zone_of(zone)
    if isinstance(where, Problem):
        raise ValueError(where.problem)
    entries = Entries(columns_of(facts), np.arange(1, len(facts) + 1))
    log, problems = log_of(entries, zone=where, name=name, lenient=True)
    if log is None:
        empty, _none = log_of(Entries({}, np.zeros(0, np.int64)), zone=where, name=name)
        assert empty is not None
        return empty, problems
    return log, problems
