"""Handoff acts: what people say about leads that were offered to sales, rejected or contested."""

from django.utils.translation import gettext as _

from leaddesk.book import acts, disputes
from leaddesk.book.asked import Asked, Done
from leaddesk.book.deciding import OUTCOMES
from leaddesk.book.models import Handoff, Lead
from leaddesk.book.refusal import Forbidden, refused
from leaddesk.book.rules import rules_of
from leaddesk.book.saying import reason_of
from leadpact.handing.handoffs import SUBJECT


def contest(asked: Asked, *, why: str) -> Done:
    """Marketing contests that sales rejected a lead, and says why."""
    asked.actor.must("contest rejections")
    reason = reason_of("why", why)

    def fit(lead: Lead) -> None:
        last = _last(lead)
        if last is None or last.state != Handoff.State.REJECTED:
            said = _("Sales didn't reject this lead, or it was offered again since.")
            raise refused("", said, _("Reload the page to see where it is."))
        if last.dispute:
            said = _("This rejection was contested already.")
            raise refused("", said, _("Look at the list of disputes."))
        disputes.must_be_in_time(rules_of(lead.workspace_id), last, asked.now)

    return acts.recorded(asked, "disputed", fit, promise=SUBJECT, why=reason)


def settle(asked: Asked, *, outcome: str, why: str) -> Done:
    """An arbiter decides: the rejection is upheld, or overturned, and says why."""
    agreed = disputes.arbitration(rules_of(asked.actor.workspace_id), asked.now)
    if not disputes.may_settle(asked.actor, agreed):
        raise Forbidden("settle disputes")
    if outcome not in OUTCOMES:
        said = _("A dispute ends upheld or overturned.")
        raise refused("outcome", said, _("Choose one of the two."))
    reason = reason_of("why", why)

    def fit(lead: Lead) -> None:
        last = _last(lead)
        if last is None or last.dispute != "open":
            said = _("There is no dispute about this lead that is open.")
            raise refused("", said, _("Look at the list of disputes."))
        disputes.must_settle(asked.actor, last, agreed)

    return acts.recorded(asked, "disputed", fit, promise=SUBJECT, outcome=outcome, why=reason)


def _last(lead: Lead) -> Handoff | None:
    """The last handoff of a lead."""
    found = Handoff.objects.of(lead.workspace_id).filter(lead=lead.key)
    last: Handoff | None = found.order_by("-pass_number").first()
    return last
