"""What people do in the desk, and what stands in its book, without a browser. Runs backstage."""

import json
import os
from pathlib import Path

from tests.browser.clock import Clock

_kept = []


def set_up():
    """Set Django up on the desk of the environment, by the clock of the tests."""
    import django

    django.setup()
    from leaddesk.book import moment

    standing = moment.standing_at(Clock(os.environ["TESTS_CLOCK"]).read)
    standing.__enter__()
    _kept.append(standing)  # for as long as the process lives


def make():
    """Make the sample, told up to now, with a worker that was seen just now; furnish its screens."""
    from django.core.management import call_command

    from leaddesk.book import moment
    from leaddesk.book.models import Person, Pulse
    from leaddesk.sample import workspace
    from tests.browser import furnishing

    call_command("migrate", interactive=False, verbosity=0)
    now = moment.now()
    workspace.made(now)
    workspace.tell(now)
    Pulse.objects.create(worker="of the tests", started_at=now, seen_at=now)
    sessions = {one.key: session_of(one.key) for one in Person.objects.of(own())}
    places = furnishing.furnish(sessions)
    kept = Path(os.environ["LEADDESK_HOME"]) / "kept.json"
    kept.write_text(json.dumps({"sessions": sessions, "places": places}), "utf-8")


def session_of(key):
    """The value of the cookie by which somebody of the sample is signed in."""
    from django.contrib.sessions.backends.db import SessionStore
    from django.test import RequestFactory

    from leaddesk.book import sign_in
    from leaddesk.pages import visitor

    request = RequestFactory().get("/")
    request.session, request.user = SessionStore(), None
    visitor.let_in(request, sign_in.account_of(person(key)), "password")
    request.session.save()
    return request.session.session_key


def person(key):
    """Somebody of the sample."""
    from leaddesk.book.models import Person

    return Person.objects.of(own()).get(key=key)


def own():
    """The workspace of the sample."""
    from leaddesk.book.models import Workspace

    return Workspace.objects.get(is_sample=True)


def wish(key, fields):
    """Change the register of a person: language, theme, single keys …"""
    from leaddesk.book.models import Person

    Person.objects.of(own()).filter(key=key).update(**fields)


def urgent(owner, count):
    """The keys of the most urgent open leads of somebody."""
    from leaddesk.book.models import Lead

    rows = Lead.objects.of(own()).filter(owner=owner, urgent_at__isnull=False)
    return [*rows.order_by("urgent_at", "rank", "key").values_list("key", flat=True)[:count]]


def facts_of(lead):
    """What was recorded of a lead, in the order of recording: kinds with their fields."""
    from leaddesk.book import codec
    from leaddesk.book.models import Fact

    rows = Fact.objects.of(own()).filter(lead=lead).order_by("id")
    return [json.loads(one.body) | {"kind": codec.NAMES[one.kind]} for one in rows]


def actor(key):
    """Somebody of the sample as they act."""
    from leaddesk.book.access import actor_of

    return actor_of(person(key))


def reassign(lead, by, to):
    """Somebody gives a lead to somebody else."""
    from leaddesk.book import acts, moment

    asked = acts.Asked(actor(by), lead, "of a test", moment.now())
    acts.reassign(asked, owner=to, why="of a test")


def routes():
    """The names of the addresses of pages that answer to a look."""
    from django.urls import get_resolver

    found = []
    for pattern in get_resolver().url_patterns:
        name = getattr(pattern, "name", None)
        if name and not _is_of_forms_alone(pattern.callback):
            found.append(name)
    return found


def _is_of_forms_alone(view):
    """Whether a view refuses to be looked at."""
    from django.test import RequestFactory

    request = RequestFactory().get("/")
    request.user = request.person = request.actor = request.seat = None
    try:
        return view(request).status_code == 405
    except Exception:  # noqa: BLE001  (it wanted more than a bare request, so it was looked at)
        return False


def token_of(key):
    """A token of somebody of the sample, for the API."""
    from leaddesk.book import access, moment

    scopes = ("read", "facts:write", "contacts:write")
    return access.issue_token(actor(key), name="form", scopes=scopes, now=moment.now())[1]


def local(instant):
    """An instant as people of Warsaw write it, with its offset."""
    from datetime import datetime

    from tests.browser.clock import WARSAW

    return datetime.fromtimestamp(instant / 1e6, WARSAW).isoformat()
