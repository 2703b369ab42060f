"""Logs with a known truth: how likely each lead was to be won, as the tests drew it."""

from datetime import UTC, datetime, timedelta

import numpy as np

from leadpact.agreement.load import load
from leadpact.clock import to_micros
from leadpact.log import Log

TEXT = """\
leadpact: 1
agreement: New business
version: 1
valid from: 2026-01-01
between: {marketing: [mia], sales: [ana]}
zone: UTC
calendars: {office: {open: {mon-fri: [09:00-17:00]}}}
definitions: {stages: [lead, mql, opportunity, customer]}
qualification:
  fit:
    - {when: {industry: [retail]}, points: 20}
  interest:
    - {did: demo requested, points: 40}
  qualifies as mql: {fit: {at least: 0}}
handoff: {when: mql}
"""
START = datetime(2026, 1, 1, tzinfo=UTC)
NOW = to_micros(START + timedelta(days=500))
BEFORE_WON = {"retail": 1.6, "food": 0.0, "software": -1.6}
"""What each industry adds to the logit of a lead; a demo adds 1.2."""


def agreed(text=TEXT):
    agreement, problems = load(text)
    assert problems == []
    return agreement


def drawn(count=2_400, seed=1, *, leaks=True, base=-0.7):
    """Leads, one every two hours, with their logits; facts in their JSON form."""
    rng = np.random.default_rng(seed)
    facts, logits = [], []
    for number in range(count):
        began = START + timedelta(hours=2 * number)
        industry = str(rng.choice([*BEFORE_WON]))
        demo = bool(rng.random() < 0.4)
        logit = base + BEFORE_WON[industry] + 1.2 * demo
        won = bool(rng.random() < 1 / (1 + np.exp(-logit)))
        facts += _lead(number, began, industry, demo, won, rng, leaks)
        logits.append(logit)
    return facts, np.array(logits)


def _lead(number, began, industry, demo, won, rng, leaks):
    def fact(kind, hours, **fields):
        at = began + timedelta(hours=hours)
        return {"lead": f"L-{number:05}", "kind": kind, "occurred_at": at.isoformat(), **fields}

    told = {"industry": industry, "employees": str(int(rng.integers(1, 900)))}
    if leaks:
        told["reference"] = f"R-{number}"
        told["status"] = "customer" if won else "none"
    if leaks and won and rng.random() < 0.3:
        told["contract kind"] = str(rng.choice(["yearly", "monthly"]))
    found = [
        fact("created", 0, type=str(rng.choice(["website form", "chat"])), **told),
        fact("handed_over", 10, owner="ana"),
        fact("won" if won else "lost", 10 + 24 * float(rng.uniform(1, 30))),
    ]
    if demo:
        found.insert(1, fact("engaged", 5, what="demo requested"))
    if leaks:
        found.append(fact("described", 30, budget=str(rng.choice(["small", "large"]))))
    return found


def log_of(facts):
    log, problems = Log.from_facts(facts, "Europe/Berlin", "drawn")
    assert problems == []
    return log
