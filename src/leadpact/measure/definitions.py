"""Definitions: what each figure means, in a sentence; the key is printed beside the figure."""

from collections.abc import Callable, Mapping
from typing import Final

from leadpact.words import _

DEFINITIONS: Final[Mapping[str, Callable[[], str]]] = {
    "KM1": lambda: _("Passes that entered the stage in the period."),
    "KM3": lambda: _("Actual to date ÷ (target × working time gone ÷ working time of the period)."),
    "KM12": lambda: _("Leads of the type ÷ all leads."),
    "KM14": lambda: _("Spend of the ledger ÷ passes that entered the stage in the same time."),
    "KV1": lambda: _("Leads that arose ÷ visitors of the ledger, in the same time."),
    "KV3": lambda: _("Accepted ÷ decided (accepted or rejected); silence counts apart."),
    "KV4": lambda: _("Rejected for the reason ÷ decided (accepted or rejected)."),
    "KV9": lambda: _("Won ÷ (won + lost), of passes that were closed."),
    "KV10": lambda: _("Won ÷ all passes that became opportunities."),
    "KV11": lambda: _("Amount won ÷ amount of all deals that were closed."),
    "KV13": lambda: _("Returned to marketing ÷ decided (accepted, rejected or returned)."),
    "KV-cohort": lambda: _(
        "Of passes that entered a stage and had the days, the share that entered the next one"
        " within them."
    ),
    "KV-survival": lambda: _(
        "The share that enters the next stage within the days, estimated from all passes, the"
        " young ones for as long as they were seen (Kaplan and Meier)."
    ),
    "KV-period": lambda: _(
        "Entries into a stage ÷ entries into the one before, in the same period: for pace only."
    ),
    "KT1": lambda: _("From the buyer's own action to the first contact."),
    "KT2": lambda: _("From the buyer's own action until somebody owned the lead: the system's."),
    "KT3": lambda: _("From the first owner to the first contact: the people's."),
    "KT4": lambda: _("From the handover to the decision of sales."),
    "KT9": lambda: _("Kept ÷ (kept + broken): what is not due yet counts in neither."),
    "KT9-personal": lambda: _(
        "Kept ÷ (kept + broken) of the legs in which the person held the lead, each by the full"
        " time of its own."
    ),
    "KT12": lambda: _(
        "Answered within the time ÷ all that were answered or are overdue without an answer."
    ),
    "KT13-burn": lambda: _("Share of misses ÷ share of misses that the target allows."),
    "KT13-left": lambda: _(
        "Misses that the target allows over the period's expected leads, less those made."
    ),
    "KT13-used": lambda: _("Misses made ÷ misses that the target allows over the period."),
    "KE1": lambda: _("Attempts that count ÷ leads with at least one."),
    "KE2": lambda: _("The median time between one attempt on a lead and the next."),
    "KE3": lambda: _("Rungs kept ÷ rungs due and applicable."),
    "KE4": lambda: _(
        "Handed-over leads with an attempt within 7 days ÷ those that reached 7 days."
    ),
    "KE5": lambda: _("Handed-over leads still in the funnel without any attempt."),
    "KE6": lambda: _("Handed-over leads with at least one attempt ÷ handed-over leads."),
    "KE7": lambda: _("Attempts by the channel ÷ attempts that count."),
    "KE8": lambda: _("Leads that were reached or answered ÷ leads with at least one attempt."),
    "KE9": lambda: _("Returned with fewer attempts than agreed ÷ returned."),
    "KE10": lambda: _("Leads with more attempts than agreed ÷ leads with at least one."),
    "KR1": lambda: _("Amount won ÷ quota."),
    "KR3": lambda: _("Amount won ÷ deals won, and the median deal beside it."),
    "KR4": lambda: _("Amount of open opportunities ÷ quota that is left."),
    "KR5": lambda: _("Opportunities × average order value × win rate ÷ days of the sales cycle."),
}
