"""Following: what comes next for a lead, and what would be too much, in sentences."""

from django.utils.html import strip_tags
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leaddesk.book.follow_up import Asks, Followed, Warned
from leaddesk.book.moment import MINUTE
from leaddesk.pages.telling import spoken, with_parts
from leaddesk.tongue import clocktime, instant_text, local_day, number, span
from leadpact.cadence import Touched, Violation


def guard_sentences(warned: Asks | Warned, now: int) -> list[str]:
    """What an attempt would be too much of, and from when on it would be fine."""
    told = [_violation(one) for one in warned.found]
    return [*told, _fine(warned.fine_at, now)]


def _fine(at: int | None, now: int) -> str:
    if at is None:
        return _("Waiting won't help: think of giving the lead back.")
    return _("It is fine again from %(at)s.") % {"at": _when(at, now)}


def _when(at: int, now: int) -> str:
    """A time of the reader's day, with its date where that is another one."""
    return strip_tags(clocktime(at)) if local_day(at) == local_day(now) else instant_text(at)


def _violation(one: Violation) -> str:
    if one.code == "apart" and one.found < MINUTE:
        said = _("The last attempt was just now; the agreement wants %(apart)s between two.")
        return said % {"apart": _apart(one)}
    if one.code == "apart":
        said = _("The last attempt was %(ago)s ago; the agreement wants %(apart)s between two.")
        return said % {"ago": span(one.found), "apart": _apart(one)}
    if one.code == "hours":
        said = _("It is not %(hours)s where they are: people may be called only then.")
        return said % {"hours": one.hours}
    return _too_many(one.period, one.found) % {
        "n": number(one.found),
        "limit": number(one.limit),
    }


def _apart(one: Violation) -> str:
    """The agreed distance, in the reader's words where it is a length of time."""
    return span(one.limit) if one.limit > 10_000 else one.hours


def _too_many(period: str, count: int) -> str:
    return {
        "day": ngettext(
            "They were tried %(n)s time today; the agreement allows %(limit)s a day.",
            "They were tried %(n)s times today; the agreement allows %(limit)s a day.",
            count,
        ),
        "week": ngettext(
            "They were tried %(n)s time this week; the agreement allows %(limit)s a week.",
            "They were tried %(n)s times this week; the agreement allows %(limit)s a week.",
            count,
        ),
        "month": ngettext(
            "They were tried %(n)s time this month; the agreement allows %(limit)s a month.",
            "They were tried %(n)s times this month; the agreement allows %(limit)s a month.",
            count,
        ),
        "pass": ngettext(
            "They were tried %(n)s time in this pass; the agreement allows %(limit)s.",
            "They were tried %(n)s times in this pass; the agreement allows %(limit)s.",
            count,
        ),
    }.get(
        period,
        ngettext(
            "They were tried %(n)s time in this period; the agreement allows %(limit)s.",
            "They were tried %(n)s times in this period; the agreement allows %(limit)s.",
            count,
        ),
    )


def next_words(one: Touched, now: int) -> SafeString:
    """What to do next: call now, e-mail at two."""
    if one.due is None:
        said = _("Next: %(channel)s, when the clocks run again")
        return with_parts(said, channel=spoken(one.channel))
    if one.due <= now:
        return with_parts(_now().get(one.channel, _("Try now: %(channel)s")),
                          channel=spoken(one.channel))  # fmt: skip
    parts = {"channel": spoken(one.channel), "at": _when(one.due, now)}
    return with_parts(_at().get(one.channel, _("Try at %(at)s: %(channel)s")), **parts)


def _now() -> dict[str, str]:
    return {
        "phone": _("Call now"),
        "email": _("E-mail now"),
        "video": _("Video call now"),
        "voice message": _("Voice message now"),
    }


def _at() -> dict[str, str]:
    return {
        "phone": _("Call at %(at)s"),
        "email": _("E-mail at %(at)s"),
        "video": _("Video call at %(at)s"),
        "voice message": _("Voice message at %(at)s"),
    }


def state_words() -> dict[str, str]:
    """What became of a planned touch."""
    return {
        "done": _("done in time"),
        "late": _("done late"),
        "skipped": _("left out"),
        "missed": _("never done"),
        "overdue": _("past due"),
        "coming": _("next"),
        "planned": _("planned"),
        "excused": _("not needed any more"),
    }


def warnings_of(own: Followed | None, now: int) -> list[str]:
    """What the next touch would be too much of, before anybody does it; a call where none is planned."""
    if own is None:
        return []
    warned = own.warned(own.next.channel if own.next else "phone", now)
    return guard_sentences(warned, now) if warned else []
