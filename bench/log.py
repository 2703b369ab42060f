"""Reading logs: ten million facts from Parquet, beside DuckDB scanning the same columns."""

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import duckdb
from pyarrow import parquet

from bench import Row
from bench.logs import synthetic
from leadpact.log import read_log
from leadpact.log.parquet_reading import row_groups
from leadpact.log.parquet_writing import write_parquet
from leadpact.log.writing import write_csv, write_jsonl

FACTS = 10_000_000
LINES = 1_000_000
RUNS = 3
ZONE = "Europe/Warsaw"


def rows() -> list[Row]:
    """What reading costs, by format, and its ratio to a scan of the same file."""
    with TemporaryDirectory(prefix="leadpact-bench-") as folder:
        return [*_parquet(Path(folder)), *_text(Path(folder))]


def _parquet(folder: Path) -> list[Row]:
    path = folder / "log.parquet"
    write_parquet(synthetic(FACTS, seed=1), path)
    scan = _best(lambda: _scan(path))
    parts = _best(lambda: sum(len(part) for part in row_groups(path, ZONE)))
    whole = _best(lambda: read_log(path, zone=ZONE))
    return [
        Row("DuckDB scans the columns of a log", _rate(FACTS, scan), "the yardstick", True),
        Row("log from Parquet, part by part", *_against(scan, parts, 0.4)),
        Row("log from Parquet, whole", *_against(scan, whole, 0.2)),
    ]


def _scan(path: Path) -> None:
    """The least that touches every value: the largest of each column, with two threads."""
    columns = [
        f'max(epoch_us("{name}"))' if name == "occurred_at" else f'max("{name}")'
        for name in parquet.read_schema(path).names
    ]
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.execute("set enable_progress_bar = false")
        connection.execute(f"select {', '.join(columns)} from read_parquet('{path}')").fetchall()


def _text(folder: Path) -> list[Row]:
    log = synthetic(LINES, seed=1)
    write_jsonl(log, folder / "log.jsonl")
    write_csv(log, folder / "log.csv")
    lines = (folder / "log.jsonl").read_bytes().splitlines()
    plain = _best(lambda: [json.loads(line) for line in lines], runs=1)
    found = [Row("json.loads of a million lines", f"{plain:.1f} s", "the yardstick", True)]
    for name, bar in (("log.jsonl", 2.5), ("log.csv", 1.0)):
        seconds = _best(lambda name=name: read_log(folder / name, zone=ZONE), runs=1)
        what = f"log from as many lines of {name[4:].upper()}"
        figure = f"{seconds:.1f} s, {seconds / plain:.2f} of it"
        found.append(Row(what, figure, f"≤ {bar} of it", seconds <= bar * plain))
    return found


def _against(scan: float, seconds: float, bar: float) -> tuple[str, str, bool]:
    ratio = scan / seconds
    return f"{_rate(FACTS, seconds)}, {ratio:.2f} of the scan", f"≥ {bar} of the scan", ratio >= bar


def _rate(facts: int, seconds: float) -> str:
    return f"{facts / seconds / 1e6:.1f} million facts a second"


def _best(work, runs: int = RUNS) -> float:
    times = []
    for _run in range(runs):
        begun = perf_counter()
        work()
        times.append(perf_counter() - begun)
    print(f"  best of {[round(time, 2) for time in times]} s", file=sys.stderr)
    return min(times)
