"""Asking the API: a caller with a token, and a workspace in which there is something of everything."""

import json

from django.test import Client

from leaddesk.api import limits
from leaddesk.book import (
    access,
    agreements,
    audit,
    contacts,
    mailings,
    moment,
    offers,
    registers,
    suppressions,
)
from leaddesk.book.models import Attempt, Channel, Delivery, DryRun, Person, ScoreModel
from tests.leaddesk.desk import AGREEMENT, at, handed_over, take, workspace

NOW = at("2026-03-12 09:05")
SECOND_VERSION = AGREEMENT.replace("version: 1", "version: 2").replace(
    "valid from: 2026-01-01", "valid from: 2026-06-01"
)


class Caller:
    """Somebody who asks the API, by a token of their own."""

    def __init__(self, own, role="admin", scopes=("admin",), person=None):
        limits.forget()
        self.key = person or role.replace(" ", "-")
        self.person, _is_new = Person.objects.of(own).get_or_create(
            workspace=own, key=self.key, defaults={"name": role, "role": role, "created_at": NOW}
        )
        actor = access.Actor(own.pk, self.key, role)
        self.token, self.secret = access.issue_token(
            actor, name="a test", scopes=scopes, now=moment.now()
        )
        self.client = Client(headers={"Authorization": f"Bearer {self.secret}"})

    def ask(self, verb, path, body=None, *, query="", **headers):
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body)
        return self.client.generic(
            verb.upper(),
            f"/api/v1{path}{query}",
            content,
            content_type="application/json",
            headers={name.replace("_", "-"): value for name, value in headers.items()},
        )

    def get(self, path, **more):
        return self.ask("get", path, **more)

    def post(self, path, body=None, **more):
        return self.ask("post", path, body, **more)


def problem(response):
    """The status and the slug of a refusal."""
    told = response.json()
    assert response["Content-Type"] == "application/problem+json", response.content
    assert told["status"] == response.status_code
    assert told["request"] == response["X-Request-Id"]
    return response.status_code, told["type"].removeprefix("/problems/")


def furnished(suffix=""):
    """A workspace with something of everything; its ids, by the names that addresses give them."""
    own = workspace()
    admin = access.Actor(own.pk, f"boss{suffix}", "admin")
    Person.objects.of(own).create(
        workspace=own, key=admin.person, name="The boss", role="admin", created_at=NOW
    )
    ana = {"key": "ana", "name": "Ana", "role": "rep", "team": "inbound"}
    registers.keep_team(admin, "inbound", {"name": "Inbound"}, NOW)
    registers.create_person(admin, ana, NOW)
    registers.add_leave(admin, {"person": "ana", "first": "2026-04-01", "last": "2026-04-03"}, NOW)
    registers.keep_exception(admin, {"calendar": "office", "day": "2026-04-06"}, NOW)
    lead = f"L-1{suffix}"
    take(own, handed_over(lead, "2026-03-12 09:00", source_id=f"h{suffix}"), now=NOW)
    company = {"key": f"acme{suffix}", "name": f"Acme{suffix}", "domain": "acme.example"}
    contacts.create_company(admin, company, NOW)
    contact = {"name": f"Zoe{suffix}", "email": f"zoe{suffix}@acme.example"}
    contacts.create_contact(admin, lead, contact, NOW)
    agreements.propose(admin, SECOND_VERSION, NOW)
    token, _secret = access.issue_token(admin, name="one", scopes=["read"], now=NOW)
    channel, delivery = _sent(own, suffix)
    _taught(own)
    audit.seal(own.pk, NOW)
    return own, {
        "lead": lead,
        "key": {
            "leads": lead,
            "people": "ana",
            "teams": "inbound",
            "companies": company["key"],
            "channels": channel.key,
            "deliveries": delivery.key,
            "tokens": token.key,
            "routing": _tried(own, suffix),
            **_mailed(own, admin, lead, suffix),
        },
        "number": "2",
        "person": "ana",
        "first": "2026-04-01",
        "last": "2026-04-03",
        "calendar": "office",
        "day": "2026-04-06",
    }


def _tried(own, suffix):
    """The key of a dry run of whoever asks as an admin: nobody else sees it."""
    kept = {"state": "done", "at": NOW, "until": moment.now() + moment.DAY}
    row = DryRun.objects.of(own).create(
        workspace=own, key=f"dry{suffix}", person="admin", what="keys", **kept
    )
    return row.key


def _taught(own):
    ScoreModel.objects.of(own).create(
        workspace=own, number=2, state="refused", wanted_at=NOW, wanted_by="boss"
    )


def _mailed(own, admin, lead, suffix):
    text = {"subject": f"A guide{suffix}", "text": "Read it."}
    offers.keep(admin, f"guide{suffix}", {"en": text}, NOW)
    row = suppressions.add(admin, {"address": f"no{suffix}@acme.example", "why": "asked"}, NOW)
    mailings.queue(own.pk, [mailings.ToMail(lead, "t", 0, f"guide{suffix}", "e", NOW)], NOW)
    return {"offers": f"guide{suffix}", "suppressions": suppressions.key_of(row)}


def _sent(own, suffix):
    channel = Channel.objects.of(own).create(
        workspace=own,
        key=f"chn_{own.pk}",
        kind="webhook",
        name=f"Hook{suffix}",
        settings={"url": "https://203.0.114.7/hook"},
        secrets={"secret": "whsec_" + "A" * 44},
        created_at=NOW,
    )
    delivery = Delivery.objects.of(own).create(
        workspace=own,
        key=f"dlv{own.pk}",
        channel=channel,
        kind="broken",
        lead=f"L-1{suffix}",
        body='{"notices": []}',
        state="dead",
        attempts=1,
        cause_at=NOW,
        created_at=NOW,
        next_at=NOW,
    )
    Attempt.objects.of(own).create(
        workspace=own, delivery=delivery, number=1, began_at=NOW, ended_at=NOW, outcome="refused"
    )
    return channel, delivery


def address(template, ids):
    """The address of an endpoint with these ids."""
    kind = template.split("/")[1]
    for name, value in ids.items():
        one = value.get(kind, "none") if isinstance(value, dict) else value
        template = template.replace(f"{{{name}}}", one)
    assert "{" not in template
    return template
