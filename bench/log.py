"""Reading logs: ten million facts from Parquet, beside DuckDB scanning the same columns."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import Row
from bench.logs import synthetic
from bench.yardstick import best, scan
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
    limit = best(lambda: scan(path), RUNS)
    parts = best(lambda: sum(len(part) for part in row_groups(path, ZONE)), RUNS)
    whole = best(lambda: read_log(path, zone=ZONE), RUNS)
    return [
        Row("DuckDB scans the columns of a log", _rate(FACTS, limit), "the yardstick", True),
        Row("log from Parquet, part by part", *_against(limit, parts, 0.4)),
        Row("log from Parquet, whole", *_against(limit, whole, 0.2)),
    ]


def _text(folder: Path) -> list[Row]:
    log = synthetic(LINES, seed=1)
    write_jsonl(log, folder / "log.jsonl")
    write_csv(log, folder / "log.csv")
    lines = (folder / "log.jsonl").read_bytes().splitlines()
    plain = best(lambda: [json.loads(line) for line in lines], 1)
    found = [Row("json.loads of a million lines", f"{plain:.1f} s", "the yardstick", True)]
    for name, bar in (("log.jsonl", 2.5), ("log.csv", 1.0)):
        seconds = best(lambda name=name: read_log(folder / name, zone=ZONE), 1)
        what = f"log from as many lines of {name[4:].upper()}"
        figure = f"{seconds:.1f} s, {seconds / plain:.2f} of it"
        found.append(Row(what, figure, f"≤ {bar} of it", seconds <= bar * plain))
    return found


def _against(limit: float, seconds: float, bar: float) -> tuple[str, str, bool]:
    ratio = limit / seconds
    return f"{_rate(FACTS, seconds)}, {ratio:.2f} of the scan", f"≥ {bar} of the scan", ratio >= bar


def _rate(facts: int, seconds: float) -> str:
    return f"{facts / seconds / 1e6:.1f} million facts a second"
