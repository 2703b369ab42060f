"""The measurements of the desk on one database: `python -m bench.desk_parts [--quick] [part …]`.

Prints its rows as JSON lines; `bench.desk` runs it once for each database. Everything goes through
the doors that users have: HTTP with a token, `leaddesk web` and `leaddesk worker`.
"""

import argparse
import json
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from statistics import median

from bench import Row
from bench.desk_house import TIMERS, house, running, web, workspace
from bench.desk_load import closed, open_loop, request
from bench.desk_raw import rate

CONNECTIONS = 64
ONE, BATCH = "/api/v1/facts", "/api/v1/facts/batch?announce=false"
QUEUE = "/api/v1/leads?sort=due&limit=50"
HOUR = 3_600_000_000


@dataclass(frozen=True)
class Size:
    """How much is measured; the quick one only shows that everything runs."""

    rounds: int = 3
    raw_seconds: float = 5
    one_seconds: float = 10
    batch_seconds: float = 10
    leads_before: int = 5_000
    steady_seconds: float = 120
    timers: int = 10_000
    facts: int = 1_000_000


QUICK = Size(1, 2, 4, 3, 500, 10, 1_000, 30_000)


def main() -> int:
    """Measure the parts that are named, all of them where none is."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", help=", ".join(PARTS))
    parser.add_argument("--quick", action="store_true")
    given = parser.parse_args()
    size = QUICK if given.quick else Size()
    with house() as folder:
        for name in given.parts or PARTS:
            print(f"  {name} …", file=sys.stderr)
            try:
                for row in PARTS[name](size):
                    print(json.dumps(row), flush=True)
            except BaseException:
                log = folder / "bench.log"
                print(log.read_text("utf-8")[-4000:] if log.exists() else "", file=sys.stderr)
                raise
    return 0


def record(size):
    """One fact at a time against the raw rate of the same run, and batches of a thousand."""
    from django.conf import settings

    _own, token = workspace("record")
    raw_own, _token = workspace("raw")
    pairs, slow = [], []
    with web(token) as port:
        for number in range(size.rounds):
            raw = rate(settings.DATABASES["default"], raw_own, size.raw_seconds)
            streams = [_singles(token, f"{number}-{n}") for n in range(CONNECTIONS)]
            found = closed(port, streams, size.one_seconds)
            _expect_all(found)
            pairs.append((found.rate / raw, found.rate, raw))
            slow.append(found.percentile(0.99))
        ratio = median(pair[0] for pair in pairs)
        one, raw = (median(pair[n] for pair in pairs) for n in (1, 2))
        figure = (
            f"{one:,.0f}/s, {ratio:.2f} of raw ({raw:,.0f}/s), p99 {1000 * median(slow):.0f} ms"
        )
        yield Row("record: one fact at a time", figure, "≥ 0.25 of raw", ratio >= 0.25)
        streams = [_batches(token, n) for n in range(4)]
        found = closed(port, streams, size.batch_seconds)
        _expect_all(found)
    facts = 1000 * found.rate
    yield Row("record: batches of 1,000", f"{facts:,.0f} facts/s", "≥ 5,000 facts/s", facts >= 5000)


def _expect_all(found):
    if found.failed:
        raise SystemExit(f"Requests failed: {found.statuses}")


def _now():
    return datetime.now(UTC).isoformat()


def _life(lead):
    """The facts of a lead, one after the other."""
    yield {"lead": lead, "kind": "created", "type": "website form", "stream": "shops"}
    yield {"lead": lead, "kind": "engaged", "what": "demo requested"}
    yield {"lead": lead, "kind": "handed_over", "owner": "ana", "packet": "source, guide, phone"}
    yield {"lead": lead, "kind": "attempted", "by": "ana", "channel": "phone", "seconds": 90}


def _singles(token, stream):
    for number in count():
        for step, fact in enumerate(_life(f"L {stream} {number}")):
            body = fact | {"occurred_at": _now(), "source_id": f"{stream} {number} {step}"}
            yield request("POST", ONE, token, json.dumps(body).encode())


def _batches(token, stream):
    for number in count():
        facts = [
            fact | {"occurred_at": _now(), "source_id": f"b {stream} {number} {lead} {step}"}
            for lead in range(250)
            for step, fact in enumerate(_life(f"B {stream} {number} {lead}"))
        ]
        yield request("POST", BATCH, token, json.dumps({"facts": facts}).encode())


def intake(size):
    """A hundred new facts a second at a constant rate, with a fifth of all requests reading."""
    _own, token = workspace("intake")
    with web(token) as port:
        _load(port, token, size.leads_before)
        lives = _singles(token, "steady")
        reads = (QUEUE, "/api/v1/leads?limit=50", "/api/v1/leads/N%200/obligations")
        kinds = {
            "intake": (100.0, lambda _number: next(lives)),
            "reads": (25.0, lambda n: request("GET", reads[n % 3], token)),
        }
        found = open_loop(port, kinds, size.steady_seconds)
    for name, answers in found.items():
        slowest = answers.percentile(0.99)
        figure = (
            f"p50 {1000 * answers.percentile(0.5):.0f} ms, p99 {1000 * slowest:.0f} ms, "
            f"{answers.failed} of {len(answers.seconds):,} failed"
        )
        is_met = not answers.failed and slowest <= 0.25
        yield Row(f"{name}: 100 + 25 a second, open", figure, "none fails, p99 ≤ 250 ms", is_met)


def _load(port, token, leads):
    """Leads that are there already, owed a first contact."""
    for start in range(0, leads, 250):
        facts = [
            fact | {"occurred_at": _now(), "source_id": f"n {number} {step}"}
            for number in range(start, min(start + 250, leads))
            for step, fact in enumerate([*_life(f"N {number}")][:3])
        ]
        body = json.dumps({"facts": facts}).encode()
        _expect_all(closed(port, [iter([request("POST", BATCH, token, body)])], 60))


def timers(size):
    """Obligations that all fall due at one instant, and two workers."""
    from leaddesk.book import codec, moment
    from leaddesk.book.models import Fact, Lead, Notice
    from leaddesk.book.record import Submission
    from leaddesk.book.record import record as recorded

    own, _token = workspace("timers", TIMERS)
    prepared = 10_000_000 + size.timers * 5_000
    due = (moment.now() + prepared) // 1_000_000 * 1_000_000
    handed = datetime.fromtimestamp((due - 4 * HOUR) / 1e6, UTC).isoformat()
    keys = [f"T {number}" for number in range(size.timers)]
    items = [
        {"lead": key, "kind": "handed_over", "owner": "ana", "occurred_at": handed} for key in keys
    ]
    with ExitStack() as stack:
        for _worker in range(2):
            stack.enter_context(running("worker"))
        for start in range(0, len(items), 1000):
            now = moment.now()
            found = codec.incoming(items[start : start + 1000], zone="UTC", now=now, system="bench")
            recorded([Submission(own, found.rows)], now=now)
        if moment.now() >= due:
            raise SystemExit("The timers were due before all of them were set.")
        waiting = Lead.objects.of(own).filter(wake_at__lte=due + 1)
        until = due + 180_000_000
        while moment.now() < due or (waiting.exists() and moment.now() < until):
            time.sleep(0.1)
        last = (moment.now() - due) / 1e6
    ruled = Fact.objects.of(own).filter(system="leadpact", body__contains="broken")
    told = [*ruled.values_list("lead", flat=True)]
    heard = [*Notice.objects.of(own).filter(kind="broken").values_list("lead", flat=True)]
    each_once = len(told) == len(set(told)) == len(heard) == len(set(heard)) == size.timers
    figure = f"{last:.1f} s, {len(told):,} rulings, {'each once' if each_once else 'NOT each once'}"
    is_met = each_once and last <= 60
    yield Row(
        f"timers: {size.timers:,} due at once, two workers", figure, "≤ 60 s, each once", is_met
    )


def rebuild(size):
    """A year of facts through the batch path, then every index row drawn afresh."""
    from leaddesk.book import moment
    from leaddesk.book.models import Fact, Lead
    from leaddesk.book.rebuild import rebuild as redrawn

    own, token = workspace("rebuild")
    with web(token) as port:
        began = time.perf_counter()
        history = _history(size.facts, token)
        _expect_all(closed(port, [history, history], 7200))
        took = time.perf_counter() - began
    facts = Fact.objects.of(own).exclude(system="leadpact").count()
    leads = Lead.objects.of(own).count()
    figure = f"{facts / took:,.0f} facts/s ({took:.0f} s)"
    what = f"load: {facts:,} facts of {leads:,} leads"
    yield Row(what, figure, "all of them", facts == size.facts)
    began = time.perf_counter()
    redrawn(own, moment.now())
    took = time.perf_counter() - began
    yield Row("rebuild: all of them", f"{took:.1f} s", "≤ 120 s", took <= 120)


def _history(size, token):
    """Batches of facts of the last year, lead by lead."""
    from bench.logs import synthetic

    log = synthetic(size, seed=1)
    log.at[:] -= int(log.at.max()) - time.time_ns() // 1000 + HOUR
    log.recorded_at[:] = log.at
    for start in range(0, len(log), 5_000):
        rows = range(start, min(start + 5_000, len(log)))
        named = ({"source_id": f"h {number}", "system": "history"} for number in rows)
        facts = [fact | name for fact, name in zip(log.facts(rows), named, strict=True)]
        yield request("POST", BATCH, token, json.dumps({"facts": facts}).encode())


PARTS = {"record": record, "intake": intake, "timers": timers, "rebuild": rebuild}

if __name__ == "__main__":
    sys.exit(main())
