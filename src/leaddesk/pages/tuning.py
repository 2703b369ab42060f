"""Tuning: other numbers for the rules of points, tried on the last quarter. Nothing is kept."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from leaddesk.book import moment, tuning
from leaddesk.book.knobs import Knob, knobs, rewritten, turned
from leaddesk.book.quarter import keys_of, quarter
from leaddesk.book.readings import reading_of
from leaddesk.book.refusal import Absent
from leaddesk.book.scoring import has_points
from leaddesk.pages import agreement as reading
from leaddesk.pages import drafting
from leaddesk.pages.form import answering
from leaddesk.pages.frame import shown
from leaddesk.pages.scoring import listed, said_of
from leaddesk.pages.telling import spoken, with_parts
from leaddesk.pages.visitor import signed_in
from leaddesk.tongue import number, percent
from leadpact.agreement.model import Agreement
from leadpact.measure.points import Place, Share
from leadpact.problem import Problem

_HEAD = "qualification."


class Field(NamedTuple):
    """A number of the rules as a field."""

    id: str
    name: str
    label: str
    value: str
    now: str
    errors: Sequence[str]


class Group(NamedTuple):
    """The numbers of one clause, and what it says."""

    said: str
    fields: Sequence[Field]


class Figure(NamedTuple):
    """How many leads, how many of them were won, and the page that lists them."""

    leads: str
    won: str
    rate: str
    href: str


class Asked(NamedTuple):
    """What a page was asked for: the text in force, other numbers by knob, the stage in question."""

    text: str
    agreement: Agreement
    wanted: Mapping[str, str]
    stage: str

    def query(self, **more: str) -> str:
        """The address of the same, with something more."""
        told = {"stage": self.stage, **self.wanted, **more}
        return urlencode(told)


@require_safe
@signed_in
@answering
def tune(request: Any) -> HttpResponse:
    """The numbers as a form, and what they would have made of the last quarter."""
    request.actor.must("read leads")
    asked = _asked(request)
    if asked is None:
        may = request.actor.may("propose agreement")
        return shown(request, "pages/scoring.html", {"is_empty": True, "may_propose": may})
    tried = turned(asked.text, asked.wanted)
    context = {
        "groups": [*_groups(asked, tried.problems)],
        "problems": [*_told(tried.problems)],
        "stage": asked.stage,
        "stages": tuning.stages(asked.agreement),
        "is_changed": bool(asked.wanted),
        "version": asked.agreement.version,
    }
    if tried.agreement is not None and not tried.problems:
        context |= _difference(request, asked, tried.agreement)
    status = 422 if tried.problems else 200
    return shown(request, "pages/scoring_tune.html", context, status=status)


@require_safe
@signed_in
@answering
def behind(request: Any) -> HttpResponse:
    """The leads behind a figure of a difference."""
    request.actor.must("read leads")
    asked, of = _asked(request), request.GET.get("of", "")
    if asked is None or of not in tuning.OF:
        raise Absent(_("figure of the rules"))
    tried = turned(asked.text, asked.wanted)
    if tried.agreement is None or tried.problems:
        raise Absent(_("figure of the rules"))
    workspace, alone = request.actor.workspace_id, request.GET.get("alone", "")[:300]
    place = tuple(alone.split(".", 1)) if alone else None
    found = quarter(workspace, moment.now())
    flags = tuning.flags(found, asked.agreement, tried.agreement, asked.stage, of, place)
    back = f"{reverse('scoring-tune')}?{asked.query()}"
    return listed(request, found, keys_of(found, flags), _titles()[of], back)


def _titles() -> dict[str, str]:
    return {
        "was": _("Leads that qualified by the rules in force"),
        "would": _("Leads that would qualify by the other numbers"),
        "more": _("Leads that only the other numbers let qualify"),
        "fewer": _("Leads that the other numbers keep from qualifying"),
    }


def _asked(request: Any) -> Asked | None:
    """What the address says; None where there are no rules of points."""
    now = moment.now()
    text = tuning.text_of(request.actor.workspace_id, now)
    agreement = reading_of(text).agreement if text else None
    if text is None or agreement is None or not has_points(agreement):
        return None
    named = tuning.stages(agreement)
    stage = request.GET.get("stage", "")
    wanted = {
        knob.id: value
        for knob in knobs(agreement)
        if (value := request.GET.get(knob.id)) is not None and _plain(value) != knob.value
    }
    stage = stage if stage in named else next(iter(named), "")
    return Asked(text, agreement, {name: _plain(value) for name, value in wanted.items()}, stage)


def _plain(text: str) -> str:
    return " ".join(text.replace("\x00", "\ufffd").split())[:60]


def _groups(asked: Asked, problems: Sequence[Problem]) -> Iterator[Group]:
    """The numbers, clause by clause, with what was typed and what is wrong with it."""
    said = said_of(asked.text)
    wrong: dict[str, list[str]] = {}
    for one in problems:
        told = f"{one.problem} {one.remedy}".strip()
        wrong.setdefault(one.path.removeprefix(_HEAD), []).append(told)
    place = 0
    for clause, own in groupby(knobs(asked.agreement), lambda one: one.place):
        fields = []
        for knob in own:
            place += 1
            value = asked.wanted.get(knob.id, knob.value)
            label, errors = _label(knob), wrong.get(knob.id, [])
            fields.append(Field(f"knob-{place}", knob.id, label, value, knob.value, errors))
        yield Group(said.get(clause, " ".join(clause)), fields)


def _label(knob: Knob) -> str:
    """What a number is called."""
    if knob.path[0] == "grades":
        letter = ("AB" if knob.path[1] == "fit" else "12")[int(knob.path[2])]
        return with_parts(_("%(grade)s from"), grade=letter)
    if knob.path[0] == "caps":
        return _("%(group)s: at most") % {"group": knob.path[1]}
    words = {
        "points": _("Points"),
        "halves after": _("Halves after"),
        "at most": _("At most"),
        "at least": _("At least"),
        "share": _("Share"),
        "within": _("Within"),
        "times": _("Times at least"),
        "hysteresis": _("Points"),
    }
    word = words.get(str(knob.path[-1]), str(knob.path[-1]))
    if knob.did:
        return _("%(did)s: %(what)s") % {"did": spoken(knob.did), "what": word.lower()}
    axes = {"fit": _("Fit: %(what)s"), "interest": _("Interest: %(what)s")}
    if knob.place[0] == "qualifies" and (axis := str(knob.path[-2])) in axes:
        return axes[axis] % {"what": word.lower()}
    return word


def _told(problems: Sequence[Problem]) -> Iterator[str]:
    for one in problems:
        yield str(one._replace(path=one.path.removeprefix(_HEAD), line=0))


def _difference(request: Any, asked: Asked, tried: Agreement) -> dict[str, Any]:
    """What the other numbers would have made of the last quarter, and the draft that they make."""
    now, workspace = moment.now(), request.actor.workspace_id
    found = tuning.difference(workspace, asked.agreement, tried, asked.stage, now)
    said = said_of(asked.text)
    return {
        "found": found,
        **{of: _figure(asked, getattr(found, of), of) for of in tuning.OF},
        "alone": [
            {
                "said": said.get(one.place, " ".join(one.place)),
                "more": _figure(asked, one.more, "more", one.place),
                "fewer": _figure(asked, one.fewer, "fewer", one.place),
            }
            for one in found.alone
        ],
        "balance": found.would.leads - found.was.leads,
        "deficit": found.was.leads - found.would.leads,
        "draft": _draft(request, asked) if asked.wanted else "",
    }


def _figure(asked: Asked, share: Share, of: str, place: Place | None = None) -> Figure:
    more = {"of": of} | ({"alone": ".".join(place)} if place else {})
    href = f"{reverse('scoring-tune-leads')}?{asked.query(**more)}" if share.leads else ""
    rate = percent(share.rate) if share.is_enough else ""
    return Figure(number(share.leads), number(share.won), rate, href)


def _draft(request: Any, asked: Asked) -> str:
    """The text of a next version with these numbers; "" where the reader may not propose one."""
    if not request.actor.may("propose agreement"):
        return ""
    text = rewritten(asked.text, asked.wanted)
    return drafting.next_version(text, reading.today(request)) if text else ""
