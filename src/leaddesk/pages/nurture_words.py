"""Nurture in words: why a lead is in a track, where it is, and why it left."""

from collections.abc import Mapping

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leaddesk.book.inheriting import TAKES_OVER
from leaddesk.book.models import Enrolment
from leaddesk.book.nurturing import BY_RULE, FOLLOWS, GIVEN_BACK
from leaddesk.pages.telling import spoken, with_parts
from leadpact.nurture import BY_HAND, LAST_STEP, OTHER_TRACK

JOURNEY = {
    "awareness": gettext_lazy("Awareness"),
    "consideration": gettext_lazy("Consideration"),
    "decision": gettext_lazy("Decision"),
}
"""The stages of the journey in the reader's language."""
_LEFT = {
    BY_HAND: gettext_lazy("Somebody took it out"),
    LAST_STEP: gettext_lazy("It got the last step"),
    OTHER_TRACK: gettext_lazy("It went on to another track"),
    "suppressed": gettext_lazy("Nobody may write to it any more"),
    "merged": gettext_lazy("It was merged into another lead"),
    "won": gettext_lazy("The deal was won"),
    "replied": gettext_lazy("The person answered"),
    "unsubscribed": gettext_lazy("The person unsubscribed"),
}


def stage_text(stage: str) -> str:
    """A stage of the journey, or of the funnel."""
    return str(JOURNEY.get(stage) or spoken(stage))


def ending_text(word: str) -> str:
    """What ends a track, as its `leave when` names it."""
    return str(_LEFT.get(word) or spoken(word))


def left_text(why: str) -> str:
    """Why a lead left a track."""
    return str(_LEFT.get(why) or _("Ended by: %(what)s") % {"what": spoken(why)})


def came_text(row: Enrolment, names: Mapping[str, str]) -> SafeString:
    """Why a lead is in a track, and by whom."""
    by = names.get(row.by, row.by) or _("Somebody")
    given_back, by_rule, follows = f"@{GIVEN_BACK}", f"@{BY_RULE}", f"@{FOLLOWS}"
    if row.why.startswith(given_back):
        reason = row.why.removeprefix(given_back).strip()
        if reason and not row.by:
            return with_parts(_("It came back to marketing: %(reason)s."), reason=spoken(reason))
        if reason:
            text = _("%(by)s gave the lead back: %(reason)s.")
            return with_parts(text, by=by, reason=spoken(reason))
        return with_parts(_("%(by)s gave the lead back."), by=by)
    if row.why.startswith(f"@{TAKES_OVER}"):
        gone = row.why.removeprefix(f"@{TAKES_OVER}").strip()
        text = _("It goes on with the track of the lead %(lead)s, which was merged into it.")
        return with_parts(text, lead=gone)
    if row.why.startswith(by_rule):
        return with_parts(_("It met the rule by which leads enter the track."))
    if row.why.startswith(follows):
        track = row.why.removeprefix(follows).strip()
        return with_parts(_("It had got every step of the track %(track)s."), track=track)
    if not row.by and not row.why:
        return with_parts(_("Another program put it there and did not say why."))
    if not row.why:
        return with_parts(_("%(by)s put it there and did not say why."), by=by)
    return with_parts(_("%(by)s put it there: %(why)s"), by=by, why=row.why)
