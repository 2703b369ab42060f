"""Judging: ten million facts in the sweep and from Parquet, and one lead alone."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from bench import Row
from bench.logs import synthetic
from bench.yardstick import best, scan
from leadpact.agreement.load import load as read_agreement
from leadpact.judge import judge, judge_parts
from leadpact.log import Log
from leadpact.log.parquet_reading import row_groups
from leadpact.log.parquet_writing import write_parquet
from leadpact.program import Program, load
from leadpact.program import columns as col
from leadpact.program.columns import Output
from leadpact.sweep import bounds, sweep

FACTS = 10_000_000
FEWER = 2_000_000
RUNS = 4
ZONE = "Europe/Warsaw"


def rows() -> list[Row]:
    """The bars of judging."""
    program = _program()
    few, many = synthetic(FEWER, seed=1), synthetic(FACTS, seed=1)
    small, large = _sweeping(program, few), _sweeping(program, many)
    growth = (large / FACTS) / (small / FEWER)
    rate = FACTS / large / 1e6
    return [
        Row("judge: sweep of ten million facts, one core", f"{rate:.1f} M/s", "≥ 8 M/s", rate >= 8),
        Row("judge: a fact among 10 M against 2 M", f"{growth:.2f} x", "≤ 1.3 x", growth <= 1.3),
        _alone(program, few),
        *_from_parquet(program, many),
    ]


def _program() -> Program:
    text = (Path(__file__).parent / "agreement.yaml").read_bytes()
    agreement, problems = read_agreement(text)
    if agreement is None:
        raise SystemExit("\n".join(map(str, problems)))
    return Program([agreement])


def _sweeping(program: Program, log: Log) -> float:
    """Seconds of the compiled loop alone, on one core, into memory that was touched before."""
    now = int(log.at.max())
    loaded = load(program, log.as_of(now), now)
    most = bounds(loaded.facts, loaded.rules, loaded.begins, program.restarts)
    output = Output(
        obligations=np.zeros((most.obligations, col.OBLIGATION_WIDTH), np.int64),
        legs=np.zeros((most.legs, col.LEG_WIDTH), np.int64),
        passes=np.zeros((most.passes, col.PASS_WIDTH), np.int32),
        entered=np.zeros((most.passes, len(program.stages)), np.int32),
        entered_by=np.zeros((most.passes, len(program.stages)), np.int32),
        stories=np.zeros((len(log.leads), col.STORY_WIDTH), np.int64),
        pass_of=np.zeros(len(log), np.int32),
        unexpected=np.zeros(len(log), np.bool_),
        sizes=np.zeros(4, np.int64),
    )
    groups = len(program.groups)
    return best(
        lambda: sweep(loaded.facts, loaded.rules, loaded.dials, output, now, most.room, groups),
        RUNS,
    )


def _alone(program: Program, log: Log) -> Row:
    """One lead of twelve facts, all the way."""
    counts = np.diff(log.starts)
    key = log.keys[int(np.flatnonzero(counts == 12)[0])]
    facts = list(log.facts(range(*log.lead_rows(key).indices(len(log)))))
    one, _problems = Log.from_facts(facts, zone=ZONE)
    now = int(one.at.max())

    def hundred() -> None:
        for _each in range(100):
            judge(program, one, now=now)

    each = best(hundred, RUNS) / 100
    return Row("judge: one lead of twelve facts", f"{each * 1e3:.3f} ms", "≤ 0.2 ms", each <= 2e-4)


def _from_parquet(program: Program, log: Log) -> list[Row]:
    """From the file to all obligations, beside DuckDB scanning the same columns."""
    now = int(log.at.max())
    with TemporaryDirectory(prefix="leadpact-bench-") as folder:
        path = Path(folder) / "log.parquet"
        write_parquet(log, path)
        limit = best(lambda: scan(path), RUNS)
        judged = best(lambda: _judged(program, path, now), RUNS)
    ratio = limit / judged
    figure = (
        f"{FACTS / judged / 1e6:.1f} M/s, {ratio:.2f} of the scan ({FACTS / limit / 1e6:.1f} M/s)"
    )
    return [Row("judge: from Parquet, two cores", figure, "≥ 0.2 of the scan", ratio >= 0.2)]


def _judged(program: Program, path: Path, now: int) -> int:
    return sum(len(j.obligations) for j in judge_parts(program, row_groups(path, ZONE), now=now))
