"""Sections: a report in the order in which people read it."""

from collections.abc import Iterator

from leadpact.report import answers, funnel, missed, volume
from leadpact.report.model import Report
from leadpact.report.page import Section, table
from leadpact.words import _


def sections(report: Report) -> list[Section]:
    """Every section of the report that has something to show; the scorecard stands before them."""
    found = [
        volume.revenue(report),
        volume.volume(report),
        volume.rates(report),
        answers.compliance(report),
        answers.speed(report),
        answers.ladder(report),
        missed.misses(report),
        missed.pauses(report),
        missed.budgets(report),
        funnel.stages(report),
        funnel.acceptance(report),
        funnel.effort(report),
        funnel.deals(report),
        _notes(report),
    ]
    return [section for section in found if section.tables or section.findings]


def _notes(report: Report) -> Section:
    rows = [[name, f"{number:,}"] for name, number in report.notes]
    read = dict(report.notes).get("read", report.about.facts)
    return Section(
        "notes",
        _("The data"),
        (
            _("Facts judged: {facts}; leads: {leads}; read: {read}.").format(
                facts=f"{report.about.facts:,}", leads=f"{report.about.leads:,}", read=f"{read:,}"
            ),
        ),
        tables=tuple(
            table(_("What was set aside or changed"), [_("what"), _("number") + "#"], rows)
        ),
        notes=tuple(_explained(dict(report.notes))),
    )


def _explained(notes: dict[str, int]) -> Iterator[str]:
    """What the notes mean that people ask about."""
    said = {
        "duplicates": _("Duplicates are the same fact told twice; each counts once."),
        "future": _("Facts that lie after the moment of the report wait for their time."),
        "unexpected": _("Unexpected facts fit no legal move; they changed nothing."),
        "repeated triggers": _("A promise starts once in a pass; further triggers change nothing."),
        "unknown stages": _("Moves to stages that the agreement doesn't know changed nothing."),
        "unknown promises": _(
            "Waivers of promises that the agreement doesn't know waived nothing."
        ),
        "owners not in the roster": _(
            "Owners whom the agreement doesn't list work by its first calendar."
        ),
        "merged": _("What was told of a merged lead counts for the lead it lives on in."),
        "dates without time": _(
            "A day without a time decides hours only where the whole day is on one side."
        ),
        "obligations that can't be told": _(
            "What can't be told is in no share; it stands as undeterminable."
        ),
    }
    yield from (sentence for name, sentence in said.items() if name in notes)
