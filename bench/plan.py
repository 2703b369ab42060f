"""Planning: a year of ten streams and ten lead types, counted back exactly."""

from bench import Row
from bench.yardstick import best
from leadpact.agreement.model import Agreement
from leadpact.plan import plan

BAR = 0.1  # seconds; with draws to come, all of it has 0.3


def rows() -> list[Row]:
    """The exact part of a large plan."""
    agreement = Agreement.model_validate(_large())
    seconds = best(lambda: plan(agreement), 5)
    figure = f"{seconds * 1e3:.0f} ms"
    return [Row("plan: 12 months x 10 streams x 10 lead types", figure, "≤ 100 ms", seconds <= BAR)]


def _large() -> dict:
    kind = {
        "share": "10%",
        "sql to opportunity": "82%",
        "win": "23%",
        "order value": "2000",
        "closes in": "30 days",
    }
    return {
        "leadpact": "1",
        "agreement": "large",
        "version": "1",
        "valid from": "2026-01-01",
        "calendars": {"office": {"open": {"mon-fri": ["09:00-17:00"]}}},
        "term": {"from": "2026-01-01", "to": "2026-12-31"},
        "goal": {
            "quota": {"amount": "500000", "per": "month"},
            "streams": {f"stream {n}": {"share": "10%"} for n in range(10)},
        },
        "funnel": {f"type {n}": {**kind, "mql to sql": f"{30 + n}%"} for n in range(10)},
    }
