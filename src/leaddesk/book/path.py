"""The path: where a lead is between marketing and sales, and whether a step of it is legal now."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from leaddesk.book import scoring
from leaddesk.book.asked import Asked
from leaddesk.book.fields import plain_text
from leaddesk.book.handing import limits_of
from leaddesk.book.models import Lead
from leaddesk.book.record import judgement_of
from leaddesk.book.refusal import Refused, refused
from leadpact.handing import Situation, exhausted, handoffs, places, refusal
from leadpact.program import columns as col

PLACES = {
    "lead": pgettext_lazy("place on the path", "not offered to sales"),
    "mql": pgettext_lazy("place on the path", "offered, and not decided on"),
    "sal": pgettext_lazy("place on the path", "accepted"),
    "working": pgettext_lazy("place on the path", "accepted and worked on"),
    "sql": pgettext_lazy("place on the path", "qualified by sales"),
    "opportunity": pgettext_lazy("place on the path", "a deal that is open"),
    "customer": pgettext_lazy("place on the path", "a customer"),
    "recycled": pgettext_lazy("place on the path", "back with marketing"),
    "disqualified": pgettext_lazy("place on the path", "disqualified"),
    "suppressed": pgettext_lazy("place on the path", "not to be contacted"),
    "merged": pgettext_lazy("place on the path", "merged into another lead"),
}
"""Where a lead can be, in words."""
_WHY = {
    "in_time": (
        gettext_lazy("The time to reject this lead is over: silence counted as yes."),
        gettext_lazy("Give it back into a track, or disqualify it."),
    ),
    "has_owner": (
        gettext_lazy("Nobody owns this lead."),
        gettext_lazy("Give it to somebody first."),
    ),
    "names_reason": (
        gettext_lazy("There is no reason, and the lead wasn't tried as often as agreed."),
        gettext_lazy("Say why in a few words."),
    ),
    "names_agreed_reason": (
        gettext_lazy("That isn't one of the agreed reasons."),
        gettext_lazy("Choose one from the list."),
    ),
    "names_track": (
        gettext_lazy("No nurture track is named."),
        gettext_lazy("Choose the track that the lead goes into."),
    ),
}
_FIELDS = {"names_reason": "reason", "names_agreed_reason": "reason", "names_track": "track"}


def legal(asked: Asked, fact: str, **known: Any) -> Callable[[Lead], None]:
    """What refuses a step that the lead can't make where it is, for `acts`; `known` is what the step
    says of itself (see `Situation`)."""

    def fit(lead: Lead) -> None:
        place, situation = _situated(asked, lead.key, known)
        why = refusal(place, fact, situation)
        if why is not None:
            raise _refused(place, why)

    return fit


def _situated(asked: Asked, key: str, known: dict[str, Any]) -> tuple[str, Situation]:
    rules, judgement = judgement_of(asked.actor.workspace_id, [key], now=asked.now)
    if key not in judgement.log.keys:
        return "lead", Situation(**known)
    place = judgement.log.keys.index(key)
    stories = judgement.stories
    given = handoffs(stories)
    mine = (given.lead == place) & (given.pass_ == stories.table[place, col.T_PASS])
    until = limits_of(judgement, given).until[mine]
    tried = exhausted(scoring.agreed(rules, asked.now), stories).may_return[place]
    told = {
        # It counts when it is heard, whenever it is said to have happened.
        "in_time": not len(until) or asked.now <= int(until[0]),
        "has_owner": bool(stories.table[place, col.T_OWNER] >= 0),
        **known,
    }
    told["names_reason"] = bool(known.get("names_reason")) or bool(tried)
    return places(stories)[place], Situation(**told)


def _refused(place: str, why: str) -> Refused:
    if why in _WHY:
        problem, remedy = _WHY[why]
        return refused(_FIELDS.get(why, ""), str(problem), str(remedy))
    said = _("That can't be done with this lead now. It is: {place}.")
    where = PLACES[place] if place in PLACES else plain_text(place)
    return refused("", said.format(place=where), _("Reload the page to see what can."))
