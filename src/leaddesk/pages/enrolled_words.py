"""What a fact of a nurture track says: a lead entered, got a step or left, and why."""

from django.utils.translation import gettext as _


def enrolled_text(*, left: bool, step: bool, by_hand: bool, reason: str) -> str:
    """The sentence, in which `track`, `step`, `by`, `why` and `reason` are to be filled in."""
    if left:
        if by_hand:
            return _("%(by)s took the lead out of the nurture track %(track)s: %(why)s.")
        if reason:
            return _("Left the nurture track %(track)s: %(reason)s.")
        return _("Left the nurture track %(track)s.")
    if step:
        if reason == "left out":
            return _("Nurture track %(track)s left out %(step)s: %(why)s.")
        return _("Nurture track %(track)s sent %(step)s.")
    if by_hand:
        return _("%(by)s put the lead into the nurture track %(track)s: %(why)s.")
    return {
        "by rule": _("Entered the nurture track %(track)s by the rule of the agreement."),
        "takes over": _("Goes on with the nurture track %(track)s of the merged lead %(why)s."),
        "follows": _("Entered the nurture track %(track)s, which follows %(why)s."),
    }.get(reason, _("Entered the nurture track %(track)s."))
