"""Today: both sides' promises, what is due, what slipped, who is away, and what waits for the reader."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from leaddesk.book import agreements, disputes, moment, report, standup
from leaddesk.book.counting import Key
from leaddesk.book.models import AgreementVersion, Delivery, Person
from leaddesk.book.report import Told
from leaddesk.book.rights import NARROWED
from leaddesk.book.rules import Rules, rules_of
from leaddesk.pages import meanings, scoreboard
from leaddesk.pages.form import answering
from leaddesk.pages.frame import shown
from leaddesk.pages.standup import risks
from leaddesk.pages.visitor import signed_in
from leaddesk.tongue import number, period

RISKS = 5


class Line(NamedTuple):
    """A count with what it counts and the page that opens it."""

    label: str
    value: str
    href: str
    state: str


@require_safe
@signed_in
@answering
def today(request: Any) -> HttpResponse:
    """The day at a glance."""
    actor, now = request.actor, moment.now()
    actor.must("read leads")
    told = report.standing(actor.workspace_id, now)
    if told is None:
        return shown(request, "pages/drawing.html", {})
    day = standup.today(told, now)
    rules = rules_of(actor.workspace_id)
    span = standup.since(told, rules, day)
    names = dict(Person.objects.of(actor.workspace_id).values_list("key", "name"))
    context = {
        "told": told,
        "day": day,
        "sides": [(side, [*scoreboard.headlines(told, side)]) for side in scoreboard.sides(told)],
        "is_empty": told.facts == 0,
        "due": [*_due(told, actor)],
        "risks": risks(actor, now, RISKS, names),
        "since": period(span.first, span.last),
        "slipped": [*_slipped(told, standup.period_of(span))],
        "away": standup.away(actor.workspace_id, day, names),
        "mine": [*_mine(told, actor, rules, now)],
    }
    return shown(request, "pages/today.html", context)


def _due(told: Told, actor: Any) -> Iterator[Line]:
    """What is to be done: of the reader, where they hold leads, and of all."""
    day = str(told.body["now"]["day"])
    cuts = [("", "", "")]
    if actor.role in NARROWED:
        cuts = [(_("yours"), "rep", actor.person), (_("of all"), "", "")]
    for whose, cut, word in cuts:
        for family, when, label in (
            ("open", day, _("due today")),
            ("late", "now", _("late and waiting")),
            ("open", "now", _("open in all")),
        ):
            found = told.figure(Key(family, "all", when, cut, word))
            if found is not None:
                state = "bad" if family == "late" and found.hits else ""
                said = f"{label} · {whose}" if whose else label
                yield Line(said, number(found.hits), meanings.address(found.key), state)


def _slipped(told: Told, when: str) -> Iterator[Line]:
    """The promises that were missed since the last stand-up."""
    for name, clause in told.promises.items():
        if clause["kind"] != "response":
            continue
        found = told.figure(Key("due", name, when))
        if found is not None and found.counted > found.hits:
            href = meanings.address(found.key, "rest")
            yield Line(name, number(found.counted - found.hits), href, "bad")


def _mine(told: Told, actor: Any, rules: Rules, now: int) -> Iterator[Line]:
    """What waits for the reader: to be signed, answered or mended."""
    for version in AgreementVersion.objects.of(actor.workspace_id).filter(state="proposed"):
        due = agreements.signatures_due(version)
        if any(one.person == actor.person and one.is_next for one in due):
            said = _("Version %(number)s to sign") % {"number": number(version.number)}
            yield Line(said, number(1), reverse("agreement"), "warn")
    found = told.figure(Key("late", "all", "now", "rep", actor.person))
    if found is not None and found.hits:
        said = _("Answers that you owe")
        yield Line(said, number(found.hits), meanings.address(found.key), "bad")
    if disputes.may_settle(actor, disputes.arbitration(rules, now)):
        late = disputes.late(rules, now)
        if late:
            yield Line(
                _("Disputes to settle, late"), number(late), reverse("handoff-disputes"), "bad"
            )
    if actor.may("replay deliveries"):
        dead = Delivery.objects.of(actor.workspace_id).filter(state=Delivery.State.DEAD).count()
        if dead:
            yield Line(_("Messages not delivered"), number(dead), reverse("troubles"), "bad")
