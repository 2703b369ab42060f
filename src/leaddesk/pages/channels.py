"""Channels: where messages go, set up and tried by a real message."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from leaddesk.book import moment, queries
from leaddesk.book.models import Channel
from leaddesk.book.refusal import Absent, Refused
from leaddesk.book.waiting import standing
from leaddesk.pages.form import Field, answering, filled, told, typed
from leaddesk.pages.frame import SILENT, shown
from leaddesk.pages.toast import say
from leaddesk.pages.visitor import signed_in
from leaddesk.post import outlets

MOST_SHOWN = 100
_SECRETS = {"email": ("password",), "slack": ("token", "webhook"), "webhook": ()}
_SETTINGS = {
    "email": ("host", "port", "security", "user", "sender", "sender_name", "reply_to"),
    "slack": ("channel",),
    "webhook": ("url",),
}


@require_safe
@signed_in
@answering
def channels(request: Any) -> HttpResponse:
    """Every channel, and what each takes."""
    request.actor.must("manage channels")
    rows = queries.channels(request.actor)[:MOST_SHOWN]
    return shown(request, "settings/channels.html", {"channels": rows, "kinds": _kinds()})


def _kinds() -> list[tuple[str, str]]:
    return [("email", _("E-mail")), ("slack", _("Slack")), ("webhook", _("Webhook"))]


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password", "token", "webhook")
@signed_in
@answering
def new_channel(request: Any, kind: str) -> HttpResponse:
    """A channel to be. Raises `Absent` for a kind that there is not."""
    request.actor.must("manage channels")
    if kind not in _SETTINGS:
        raise Absent(kind)
    fields = _fields(kind)
    if request.method != "POST":
        return _form(request, None, kind, {"name": dict(_kinds()).get(kind, kind)}, {})
    given = typed(request, fields)
    try:
        taken = {"kind": kind, **_taken(kind, given), "events": []}
        row, secret = outlets.create_channel(request.actor, taken, moment.now())
    except Refused as refusal:
        return _form(request, None, kind, given, told(refusal, [*given]))
    if secret:
        return shown(request, "settings/channel_secret.html", {"row": row, "secret": secret})
    say(request, _("The channel is stored. Try it now."))
    return HttpResponseRedirect(reverse("settings-channel", args=[row.key]))


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password", "token", "webhook")
@signed_in
@answering
def channel(request: Any, key: str) -> HttpResponse:
    """A channel, to be changed or tried; what became of the trials."""
    actor = request.actor
    actor.must("manage channels")
    row = queries.channel(actor, key)
    if request.method != "POST":
        values = {**row.settings, "name": row.name, "is_active": "yes" if row.is_active else "no"}
        return _form(request, row, row.kind, values, {})
    given = typed(request, _fields(row.kind, row))
    changes = _taken(row.kind, given) | {"is_active": given["is_active"] == "yes"}
    changes["settings"] = {**row.settings, **changes["settings"]}
    changes["secrets"] = {name: value for name, value in changes["secrets"].items() if value}
    seen = request.POST.get("version", "")
    version = int(seen) if seen.isascii() and seen.isdigit() else None
    try:
        outlets.change_channel(actor, key, changes, moment.now(), version)
    except Refused as refusal:
        return _form(request, row, row.kind, given, told(refusal, [*given]))
    say(request, _("The channel is stored."))
    return HttpResponseRedirect(reverse("settings-channel", args=[key]))


@require_POST
@signed_in
@answering
def try_channel(request: Any, key: str) -> HttpResponse:
    """Send the visitor a message by a channel, through the outbox like any other."""
    outlets.try_channel(request.actor, key, moment.now())
    say(request, _("A test message is on its way to you. Below stands what becomes of it."))
    return HttpResponseRedirect(f"{reverse('settings-channel', args=[key])}#trials")


@require_POST
@signed_in
@answering
def new_secret(request: Any, key: str) -> HttpResponse:
    """Another secret for a webhook, shown once."""
    row, secret = outlets.rotate_secret(request.actor, key, moment.now())
    return shown(request, "settings/channel_secret.html", {"row": row, "secret": secret})


def _taken(kind: str, given: Mapping[str, str]) -> dict[str, Any]:
    settings: dict[str, Any] = {
        name: given[name].strip() for name in _SETTINGS.get(kind, ()) if given[name].strip()
    }
    if (port := settings.get("port", "")).isascii() and port.isdigit() and len(port) < 6:
        settings["port"] = int(port)
    secrets = {name: given[name] for name in _SECRETS.get(kind, ())}
    return {"name": given["name"].strip(), "settings": settings, "secrets": secrets}


def _form(
    request: Any,
    row: Channel | None,
    kind: str,
    values: Mapping[str, Any],
    errors: dict[str, list[str]],
) -> HttpResponse:
    seen, _held = standing()
    trials = (
        queries.chosen_deliveries(request.actor, {"channel": row.key, "kind": "test"})
        if row
        else []
    )
    context = {
        "row": row,
        "kind": dict(_kinds()).get(kind, kind),
        "fields": filled(_fields(kind, row), values, errors),
        "errors": errors,
        "trials": trials[:5],
        "is_asleep": seen is None or moment.now() - seen > SILENT,
        "back": reverse("settings-channels"),
        "back_title": _("Channels"),
    }
    return shown(request, "settings/channel.html", context, status=422 if errors else 200)


def _fields(kind: str, row: Channel | None = None) -> list[Field]:
    kept = _("Leave it empty to keep the one that is stored.") if row else ""
    secure = [("starttls", "STARTTLS"), ("tls", "TLS"), ("none", _("none"))]
    known = {
        "host": Field("host", _("Mail server"), dir="ltr"),
        "port": Field("port", _("Port"), _("Empty: the usual one."), dir="ltr"),
        "security": Field("security", _("Security"), choices=secure),
        "user": Field("user", _("User"), dir="ltr", autocomplete="off"),
        "password": Field(
            "password", _("Password"), kept, "password", dir="ltr", autocomplete="new-password"
        ),
        "sender": Field(
            "sender", _("Sender"), _("The address that mails come from."), "email", dir="ltr"
        ),
        "sender_name": Field("sender_name", _("Name of the sender")),
        "reply_to": Field("reply_to", _("Answers go to"), type="email", dir="ltr"),
        "channel": Field(
            "channel", _("Channel in Slack"), _("Its id, such as C0123456789."), dir="ltr"
        ),
        "token": Field(
            "token", _("Token of the bot"), kept, "password", dir="ltr", autocomplete="off"
        ),
        "webhook": Field(
            "webhook",
            _("Or the address of an incoming webhook"),
            kept,
            "password",
            dir="ltr",
            autocomplete="off",
        ),
        "url": Field(
            "url",
            _("Address"),
            _("Messages are posted there, signed by Standard Webhooks."),
            "url",
            dir="ltr",
        ),
    }
    named = [*_SETTINGS.get(kind, ()), *_SECRETS.get(kind, ())]
    switch = Field("is_active", _("In use"), choices=[("yes", _("yes")), ("no", _("no"))])
    return [
        Field("name", _("Name"), required=True),
        *(known[name] for name in named),
        *([switch] if row else []),
    ]
