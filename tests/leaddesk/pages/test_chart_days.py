"""Days as columns: those off are shaded, by the weekend of the workspace, and it is said in words."""

import re
from datetime import date, timedelta

import pytest

from leaddesk.pages import charts
from leaddesk.tongue import Wishes, is_weekend, speaking
from leadpact import charts as engine

MONTH = [date(2026, 11, 1) + timedelta(days=n) for n in range(30)]


def shades(spec, rows):
    """The places of the shades, in columns from 0 on."""
    drawn = charts.drawn(
        charts.shaded(spec, rows), name="t", title="t", finding="f", columns=[], rows=[]
    )
    found = re.findall(r'<line transform="translate\(([\d.]+),0\)"[^>]* opacity="0.55"', drawn.svg)
    return [float(one) // (spec["width"] / len(rows)) for one in found]


@pytest.mark.parametrize("weekend, days", [((5, 6), 9), ((4,), 4), ((3, 4), 8)])
def test_the_weekend_of_the_workspace_is_shaded(weekend, days):
    with speaking(Wishes("en", weekend=weekend)):
        rows = [
            {
                "name": str(day.day), "actual": 1, "expected": 1.0, "low": None, "high": None,
                "is_off": is_weekend(day),
            }
            for day in MONTH
        ]  # fmt: skip
        assert len(shades(charts.pace(rows, None, "leads"), rows)) == days
        assert [*charts.off_days(rows)] == ["The weekend is shaded."]


def test_days_with_shares_are_shaded_alike_and_working_days_are_not():
    rows = [
        {
            "name": str(day.day), "share": 0.5, "low": 0.4, "high": 0.6, "label": "", "enough": True,
            "is_off": is_weekend(day),
        }
        for day in MONTH
    ]  # fmt: skip
    assert shades(engine.shares(rows, axis="kept"), rows) == [0, 6, 7, 13, 14, 20, 21, 27, 28]
    week = [one for one in rows if not one["is_off"]]
    assert shades(engine.shares(week, axis="kept"), week) == []
    assert [*charts.off_days(week)] == []
