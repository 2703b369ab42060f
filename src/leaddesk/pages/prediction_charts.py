"""Charts of a model: the share won by rank, and whether chances came true."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leaddesk.book.models import ScoreModel
from leaddesk.pages.charts import Cell, Chart, Spec, drawn
from leaddesk.tongue import number, percent
from leadpact import charts as engine


def charts(row: ScoreModel) -> list[Chart | None]:
    """The charts of a model that was validated; none of another."""
    told = row.validation
    if not told:
        return []
    rules = told["rules"]
    return [
        _lift("lift", _("Won, by the chance that was foretold"), told["groups"]),
        _calibration(told["groups"]),
        None
        if rules is None
        else _lift(
            "lift-of-rules", _("The same leads, by the points of the rules"), rules["groups"]
        ),
    ]


def _lift(name: str, title: str, groups: Sequence[Mapping[str, Any]]) -> Chart:
    """The share won in each group of leads, from the highest rank down, with intervals."""
    rows = [
        {
            "name": str(place),
            **{k: one[k] for k in ("share", "low", "high")},
            "label": f"{one['share']:.0%}",
            "enough": True,
        }
        for place, one in enumerate(groups, 1)
    ]
    first = groups[0]
    said = ngettext(
        "Of the highest group, %(share)s were won: %(lift)s times the share of all (%(n)s lead).",
        "Of the highest group, %(share)s were won: %(lift)s times the share of all (%(n)s leads).",
        first["leads"],
    )
    words = {
        "share": percent(first["share"]),
        "lift": number(round(first["lift"], 2)),
        "n": number(first["leads"]),
    }
    return drawn(
        engine.shares(rows, axis=_("won")),
        name=name,
        title=title,
        finding=said % words,
        columns=[
            _("Group"),
            _("Leads"),
            _("Won"),
            _("Share won"),
            _("At least"),
            _("At most"),
            _("Lift"),
        ],
        rows=[_cells(place, one) for place, one in enumerate(groups, 1)],
    )


def _cells(place: int, one: Mapping[str, Any]) -> list[Cell]:
    shares = [Cell(percent(one[k]), str(one[k])) for k in ("share", "low", "high")]
    counts = [Cell(number(one[k]), str(one[k])) for k in ("leads", "won")]
    lift = Cell(number(round(one["lift"], 2)), str(one["lift"]))
    return [Cell(number(place), str(place)), *counts, *shares, lift]


def _calibration(groups: Sequence[Mapping[str, Any]]) -> Chart:
    """What was foretold beside what came, group by group."""
    held = sum(one["low"] <= one["foretold"] <= one["high"] for one in groups)
    said = ngettext(
        "In %(held)s of %(n)s group, what was foretold lies within the interval of what came.",
        "In %(held)s of %(n)s groups, what was foretold lies within the interval of what came.",
        len(groups),
    )
    rows = [{k: one[k] for k in ("foretold", "share", "low", "high")} for one in groups]
    cells = [[Cell(percent(one[k]), str(one[k])) for k in one] for one in rows]
    return drawn(
        _points(rows),
        name="calibration",
        title=_("Whether chances came true"),
        finding=said % {"held": number(held), "n": number(len(groups))},
        columns=[_("Foretold"), _("Share won"), _("At least"), _("At most")],
        rows=cells,
    )


def _points(rows: Sequence[Mapping[str, Any]]) -> Spec:
    most = max(max(one["high"], one["foretold"]) for one in rows)
    scale = {"domain": [0, most]}
    axis = {"format": ".0%"}
    x = {
        "field": "foretold",
        "type": "quantitative",
        "title": _("foretold"),
        "scale": scale,
        "axis": axis,
    }
    y = {"type": "quantitative", "title": _("won"), "scale": scale, "axis": axis}
    ends = [{"foretold": 0, "share": 0}, {"foretold": most, "share": most}]
    return {
        "width": 560,
        "height": 260,
        "data": {"values": [dict(one) for one in rows]},
        "encoding": {"x": x},
        "layer": [
            {
                "data": {"values": ends},
                "mark": {"type": "line", "stroke": engine.MUTED, "strokeDash": [4, 3]},
                "encoding": {"y": {**y, "field": "share"}},
            },
            {
                "mark": {"type": "rule", "stroke": engine.INK},
                "encoding": {"y": {**y, "field": "low"}, "y2": {"field": "high"}},
            },
            {
                "mark": {"type": "point", "filled": True, "fill": engine.GOOD, "size": 60},
                "encoding": {"y": {**y, "field": "share"}},
            },
        ],
    }
