"""Yardsticks: how long a piece of work takes at best, and what a mere scan of the same file takes."""

import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import duckdb
from pyarrow import parquet


def best(work: Callable[[], object], runs: int) -> float:
    """The shortest of some runs, in seconds; all of them go to stderr."""
    times = []
    for _run in range(runs):
        begun = perf_counter()
        work()
        times.append(perf_counter() - begun)
    print(f"  best of {[round(time, 3) for time in times]} s", file=sys.stderr)
    return min(times)


def scan(path: Path) -> None:
    """The least that touches every value of a log: the largest of each column, with two threads."""
    columns = [
        f'max(epoch_us("{name}"))' if name == "occurred_at" else f'max("{name}")'
        for name in parquet.read_schema(path).names
    ]
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.execute("set enable_progress_bar = false")
        connection.execute(f"select {', '.join(columns)} from read_parquet('{path}')").fetchall()
