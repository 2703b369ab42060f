"""The page about routing: its example is given out as its table says."""

import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from leadpact.agreement.load import load
from leadpact.clock import to_datetime
from leadpact.route import Want
from tests.leadpact.rotas import rota

PAGE = (Path(__file__).parents[2] / "docs" / "routing.md").read_text("utf-8")
BERLIN = ZoneInfo("Europe/Berlin")
NOW = round(datetime(2026, 3, 12, 10, tzinfo=BERLIN).timestamp()) * 1_000_000


def why(one):
    if one.owner is None:
        (passed,) = one.passed
        again = to_datetime(one.retry_at, "Europe/Berlin")
        return f"{passed.name} is away; tried again on {again:%-d %B at %H:%M}"
    if one.passed:
        (passed,) = one.passed
        return f"{passed.name} is {passed.why} ({passed.cap})"
    owed = f"{one.credit / 1_000_000:.2f}".rstrip("0").rstrip(".")
    leads = "lead" if owed == "1" else "leads"
    return f"was owed {owed} {leads}; {one.runner_up} would have been next"


def test_the_example_is_given_out_as_the_page_says():
    agreement, problems = load(re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)[1])
    assert problems == []
    wants = [Want(f"L-{n}", NOW, known={"country": "TH"} if n == 5 else {}) for n in range(1, 9)]
    told = [
        f"| {one.lead} | {one.owner or 'nobody'} | {why(one)} |"
        for one in rota(agreement, now=NOW).decide(wants)
    ]
    assert told == re.findall(r"^\| L-.*$", PAGE, re.MULTILINE)
