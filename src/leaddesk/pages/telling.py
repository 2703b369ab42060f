"""Telling: facts as sentences, one function a kind. What people wrote stands apart from the sentence."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leaddesk.pages.enrolled_words import enrolled_text
from leaddesk.tongue import instant, money, number, percent, span
from leadpact.clock import to_micros
from leadpact.facts import KINDS, word
from leadpact.rulings import SYSTEM
from leadpact.units import SECOND

_WORDS: Mapping[str, Any] = {
    "phone": gettext_lazy("phone"),
    "email": gettext_lazy("e-mail"),
    "e-mail": gettext_lazy("e-mail"),
    "video": gettext_lazy("video"),
    "voice message": gettext_lazy("voice message"),
    "reached": gettext_lazy("reached"),
    "connected": gettext_lazy("reached"),
    "no answer": gettext_lazy("no answer"),
    "voicemail": gettext_lazy("voicemail"),
    "busy": gettext_lazy("busy"),
    "wrong number": gettext_lazy("wrong number"),
    "bounced": gettext_lazy("bounced"),
    "failed": gettext_lazy("failed"),
    "replied": gettext_lazy("they replied"),
    "asked to wait": gettext_lazy("asked to wait"),
    "on holiday": gettext_lazy("on holiday"),
    "not a fit": gettext_lazy("not a fit"),
    "no need": gettext_lazy("no need"),
    "no budget": gettext_lazy("no budget"),
    "duplicate": gettext_lazy("duplicate"),
    "unreachable": gettext_lazy("unreachable"),
    "other": gettext_lazy("other"),
    "price": gettext_lazy("price"),
    "timing": gettext_lazy("timing"),
    "competitor": gettext_lazy("competitor"),
    "no decision": gettext_lazy("no decision"),
    "opt-out": gettext_lazy("opt-out"),
    "objection": gettext_lazy("objection"),
    "legal hold": gettext_lazy("legal hold"),
    "open": gettext_lazy("open"),
    "out": gettext_lazy("with marketing"),
    "disqualified": gettext_lazy("disqualified"),
    "lost": gettext_lazy("lost"),
    "won": gettext_lazy("won"),
    "suppressed": gettext_lazy("not to be contacted"),
    "merged": gettext_lazy("merged"),
    "kept": gettext_lazy("kept"),
    "broken": gettext_lazy("broken"),
    "excused": gettext_lazy("excused"),
    "waived": gettext_lazy("waived"),
    "undeterminable": gettext_lazy("can't be told"),
    "demo requested": gettext_lazy("demo requested"),
    "guide downloaded": gettext_lazy("guide downloaded"),
    "meeting booked": gettext_lazy("meeting booked"),
    "website form": gettext_lazy("website form"),
    "outbound": gettext_lazy("outbound"),
    "demo": gettext_lazy("demo"),
    "chat": gettext_lazy("chat"),
    "escalated": gettext_lazy("escalated"),
}


class Told(NamedTuple):
    """What a sentence needs: the fields of the fact, the names of people by key, its source."""

    body: Mapping[str, Any]
    names: Mapping[str, str]
    system: str = ""
    currency: str = ""

    def get(self, name: str) -> str:
        """A field as text, "" where it isn't said."""
        value = self.body.get(name)
        return "" if value is None else str(value).strip()

    def who(self, name: str = "by") -> str:
        """The name of somebody whom a field names; whoever it is, where it is empty."""
        key = self.get(name)
        if not key:
            return _("The desk") if self.system == SYSTEM else _("Somebody")
        return self.names.get(key, key)


def spoken(text: str) -> str:
    """A word of the agreement in the reader's language, as far as it is a usual one."""
    return str(_WORDS.get(word(text), text))


def sentence(
    kind: int,
    body: Mapping[str, Any],
    names: Mapping[str, str],
    system: str = "",
    currency: str = "",
) -> SafeString:
    """What a fact says, as a sentence in HTML."""
    return _SENTENCES[KINDS[kind].name](Told(body, names, system, currency))


def with_parts(text: str, **parts: object) -> SafeString:
    """A sentence with its parts, each kept apart from the direction in which the sentence runs."""
    isolated = {name: format_html("<bdi>{}</bdi>", part) for name, part in parts.items()}
    return mark_safe(str(escape(text)) % isolated)  # noqa: S308  (both are escaped)


def _created(told: Told) -> SafeString:
    kind = spoken(told.get("type"))
    if kind and told.get("source"):
        return with_parts(
            _("The lead arose: %(kind)s, from %(source)s."), kind=kind, source=told.get("source")
        )
    if kind:
        return with_parts(_("The lead arose: %(kind)s."), kind=kind)
    return with_parts(_("The lead arose."))


def _described(told: Told) -> SafeString:
    shown = ", ".join(f"{name.replace('_', ' ')}: {value}" for name, value in _attributes(told))
    return with_parts(_("It became known: %(what)s."), what=shown[:500])


def _attributes(told: Told) -> Iterator[tuple[str, Any]]:
    return ((name, one) for name, one in told.body.items() if name not in {"by", "note", "why"})


def _engaged(told: Told) -> SafeString:
    return with_parts(_("They did this: %(what)s."), what=spoken(told.get("what")))


def _replied(told: Told) -> SafeString:
    if told.get("channel"):
        return with_parts(_("They answered by %(channel)s."), channel=spoken(told.get("channel")))
    return with_parts(_("They answered."))


def _scored(told: Told) -> SafeString:
    if word(told.get("model")) == "by hand":
        return _scored_by_hand(told)
    if told.get("chance"):
        text = _("The chance to be won was foretold as %(chance)s.")
        return with_parts(text, chance=_share(told.get("chance")))
    parts = {name: _points(told.get(name)) for name in ("fit", "interest")}
    parts["grade"] = told.get("grade")
    if told.get("grade"):
        text = _("Scored %(grade)s: fit %(fit)s, interest %(interest)s.")
        return with_parts(text, **parts)
    return with_parts(_("Scored: fit %(fit)s, interest %(interest)s."), **parts)


def _scored_by_hand(told: Told) -> SafeString:
    by, why = told.who(), told.get("why") or "–"
    given = [told.get(axis) for axis in ("fit", "interest")]
    if all(word(one) in {"", "released"} for one in given):
        return with_parts(_("%(by)s left the score to the rules again: %(why)s"), by=by, why=why)
    fit, interest = (_points(one) if one else "" for one in given)
    if fit and interest:
        text = _("%(by)s set fit to %(fit)s and interest to %(interest)s: %(why)s")
        return with_parts(text, by=by, fit=fit, interest=interest, why=why)
    if fit:
        return with_parts(_("%(by)s set fit to %(fit)s: %(why)s"), by=by, fit=fit, why=why)
    text = _("%(by)s set interest to %(interest)s: %(why)s")
    return with_parts(text, by=by, interest=interest, why=why)


def _moved(told: Told) -> SafeString:
    if told.get("amount"):
        return with_parts(
            _("The lead became %(stage)s, worth %(amount)s."),
            stage=spoken(told.get("to")),
            amount=_money(told),
        )
    return with_parts(_("The lead became %(stage)s."), stage=spoken(told.get("to")))


def _handed_over(told: Told) -> SafeString:
    owner = told.who("owner" if told.get("owner") else "to")
    if told.get("missing"):
        text = _("Handed over to %(owner)s, without %(missing)s.")
        return with_parts(text, owner=owner, missing=told.get("missing"))
    return with_parts(_("Handed over to %(owner)s."), owner=owner)


def _accepted(told: Told) -> SafeString:
    if told.get("silent").casefold() in {"true", "yes", "1"}:
        return with_parts(_("Accepted by silence: the time to refuse it was over."))
    return with_parts(_("%(by)s accepted the lead."), by=told.who())


def _rejected(told: Told) -> SafeString:
    text = _("%(by)s rejected the lead: %(reason)s.")
    return with_parts(text, by=told.who(), reason=_because(told))


def _assigned(told: Told) -> SafeString:
    owner = told.who("owner" if told.get("owner") else "to")
    if _because(told) != "–":
        text = _("%(by)s gave the lead to %(owner)s: %(reason)s.")
        return with_parts(text, by=told.who(), owner=owner, reason=_because(told))
    return with_parts(_("%(by)s gave the lead to %(owner)s."), by=told.who(), owner=owner)


def _attempted(told: Told) -> SafeString:
    parts = {
        "by": told.who(),
        "channel": spoken(told.get("channel")) or "–",
        "outcome": spoken(told.get("outcome")),
        "length": _length(told),
    }
    if parts["outcome"] and parts["length"]:
        return with_parts(_("%(by)s tried by %(channel)s: %(outcome)s, %(length)s."), **parts)
    if parts["outcome"]:
        return with_parts(_("%(by)s tried by %(channel)s: %(outcome)s."), **parts)
    if parts["length"]:
        return with_parts(_("%(by)s tried by %(channel)s: %(length)s."), **parts)
    return with_parts(_("%(by)s tried by %(channel)s."), **parts)


def _returned(told: Told) -> SafeString:
    text = _("%(by)s gave the lead back to marketing: %(track)s.")
    if told.system == SYSTEM:
        text = _("Back to marketing by itself, since nobody answered: %(track)s.")
    return with_parts(text, by=told.who(), track=told.get("to") or _because(told))


def _disqualified(told: Told) -> SafeString:
    text = _("%(by)s disqualified the lead: %(reason)s.")
    return with_parts(text, by=told.who(), reason=_because(told))


def _converted(told: Told) -> SafeString:
    if told.get("amount"):
        text = _("%(by)s opened a deal worth %(amount)s.")
        return with_parts(text, by=told.who(), amount=_money(told))
    return with_parts(_("%(by)s opened a deal."), by=told.who())


def _won(told: Told) -> SafeString:
    if told.get("amount"):
        text = _("%(by)s won the deal, worth %(amount)s.")
        return with_parts(text, by=told.who(), amount=_money(told))
    return with_parts(_("%(by)s won the deal."), by=told.who())


def _lost(told: Told) -> SafeString:
    text = _("%(by)s lost the deal: %(reason)s.")
    return with_parts(text, by=told.who(), reason=_because(told))


def _suppressed(told: Told) -> SafeString:
    return with_parts(_("They must not be contacted: %(reason)s."), reason=_because(told))


def _merged(told: Told) -> SafeString:
    return with_parts(_("Merged into %(lead)s."), lead=told.get("into"))


def _paused(told: Told) -> SafeString:
    text = _("%(by)s paused the clocks: %(reason)s.")
    return with_parts(text, by=told.who(), reason=_because(told))


def _resumed(told: Told) -> SafeString:
    return with_parts(_("The clocks run again."))


def _enrolled(told: Told) -> SafeString:
    why, reason = told.get("why"), told.get("reason")
    left = told.get("left").casefold() in {"true", "yes", "1"}
    by_hand, step = bool(told.get("by") and why), told.get("step")
    said = _(why) if why and reason == "left out" else why or "–"
    parts = {"track": told.get("track"), "step": step, "by": told.who(), "why": said}
    text = enrolled_text(left=left, step=bool(step), by_hand=by_hand, reason=reason)
    return with_parts(text, **parts, reason=spoken(reason))


def _ruled(told: Told) -> SafeString:
    promise = f"{told.get('promise')} {told.get('rung')}".strip()
    text = {
        "kept": _("The promise %(promise)s was kept."),
        "broken": _("The promise %(promise)s was broken; it was due %(due)s."),
        "open": _("The promise %(promise)s is open again."),
        "excused": _("The promise %(promise)s is excused."),
        "waived": _("The promise %(promise)s was let go."),
    }.get(told.get("verdict"), _("Whether the promise %(promise)s was kept can't be told."))
    return with_parts(text, promise=promise, due=_instant(told.get("due_at")))


def _waived(told: Told) -> SafeString:
    text = _("%(by)s let the promise %(promise)s go: %(reason)s.")
    return with_parts(text, by=told.who(), promise=told.get("promise"), reason=_because(told))


def _disputed(told: Told) -> SafeString:
    if told.get("promise") == "handoff":
        return _disputed_rejection(told)
    if told.get("outcome"):
        text = _("The dispute about %(promise)s ended: %(outcome)s.")
        return with_parts(text, promise=told.get("promise"), outcome=told.get("outcome"))
    text = _("%(by)s disputes %(promise)s: %(reason)s.")
    return with_parts(text, by=told.who(), promise=told.get("promise"), reason=_because(told))


def _disputed_rejection(told: Told) -> SafeString:
    texts = {
        "": _("%(by)s contested the rejection: %(reason)s."),
        "upheld": _("%(by)s decided that the rejection stands: %(reason)s."),
    }
    wrong = _("%(by)s decided that the rejection was wrong: %(reason)s.")
    text = texts.get(told.get("outcome"), wrong)
    return with_parts(text, by=told.who(), reason=_because(told))


def _corrected(told: Told) -> SafeString:
    if told.get("why"):
        text = _("%(by)s took something back: %(reason)s.")
        return with_parts(text, by=told.who(), reason=told.get("why"))
    return with_parts(_("%(by)s took something back."), by=told.who())


def _share(text: str) -> str:
    try:
        share = Decimal(text)
    except InvalidOperation:
        return text
    return percent(share) if share.is_finite() and 0 <= share <= 1 else text


def _points(text: str) -> str:
    try:
        points = Decimal(text)
    except InvalidOperation:
        return text or "–"
    return number(points) if points.is_finite() else text


def _because(told: Told) -> str:
    return told.get("why") or spoken(told.get("reason")) or "–"


def _money(told: Told) -> str:
    try:
        return money(Decimal(told.get("amount")), told.currency or "USD")
    except InvalidOperation:
        return told.get("amount")


def _length(told: Told) -> str:
    seconds = told.get("seconds") or told.get("duration")
    try:
        length = round(float(seconds) * SECOND) if seconds else 0
    except (ValueError, OverflowError):
        return ""
    return span(length) if length > 0 else ""


def _instant(text: str) -> SafeString | str:
    from datetime import datetime

    try:
        return instant(to_micros(datetime.fromisoformat(text)))
    except ValueError:
        return text or "–"


_SENTENCES: Mapping[str, Callable[[Told], SafeString]] = {
    "created": _created,
    "described": _described,
    "engaged": _engaged,
    "replied": _replied,
    "scored": _scored,
    "moved": _moved,
    "handed_over": _handed_over,
    "accepted": _accepted,
    "rejected": _rejected,
    "assigned": _assigned,
    "attempted": _attempted,
    "returned": _returned,
    "disqualified": _disqualified,
    "converted": _converted,
    "won": _won,
    "lost": _lost,
    "suppressed": _suppressed,
    "merged": _merged,
    "paused": _paused,
    "resumed": _resumed,
    "enrolled": _enrolled,
    "ruled": _ruled,
    "waived": _waived,
    "disputed": _disputed,
    "corrected": _corrected,
}
