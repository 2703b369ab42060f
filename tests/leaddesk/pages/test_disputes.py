"""Disputes: how long a rejection can be contested, who may settle that, and what waits for too long."""

from itertools import count

import pytest
from django.test import Client

from leaddesk.book import access, acts, disputes, handoff_acts, moment, rules
from leaddesk.book.asked import Asked
from leaddesk.book.models import Person, User
from leaddesk.book.refusal import Forbidden, Refused
from tests.leaddesk.asking import Caller
from tests.leaddesk.desk import at, person
from tests.leaddesk.handing_scene import AGREED, desk, qualifies, records
from tests.leaddesk.pages.reading import PASSWORD, send, text_of

pytestmark = pytest.mark.django_db(transaction=True)
NOW, LATER = at("2026-03-12 11:00"), at("2026-03-13 18:00")
_tokens = count()
CLAUSE = "arbitration: {by: [mia, ana], within: 5 days}"


@pytest.fixture(autouse=True)
def at_eleven():
    with moment.standing_at(NOW):
        yield


def enter(own, key):
    """The pages as somebody sees them."""
    user = User.objects.create_user(f"{key}@northwind.example", PASSWORD)
    Person.objects.of(own).filter(key=key).update(user=user, email=user.email)
    client = Client(enforce_csrf_checks=True)
    send(client, "/sign-in", email=user.email, password=PASSWORD)
    return client


def asked(own, who, now=NOW):
    somebody = Person.objects.of(own).get(key=who)
    return Asked(access.actor_of(somebody), "L-1", str(next(_tokens)), now)


def rejected(clause, *admins, by=None):
    """A desk where a lead was rejected on Thursday, at 11:00."""
    own = desk(AGREED.replace(CLAUSE, clause))
    for key in admins:
        person(own, key, role="admin")
    qualifies(own)
    acts.reject(asked(own, by or records(own)[0].owner), reason="wrong size")
    return own


def contest(own, who="mia", now=NOW):
    return handoff_acts.contest(asked(own, who, now), why="it fits").outcome


def settle(own, who, now=NOW):
    return handoff_acts.settle(asked(own, who, now), outcome="upheld", why="x").outcome


LIMITED = "arbitration: {by: [ana, ben], contest within: 8 working hours}"


def test_a_rejection_is_contested_within_the_agreed_working_time():
    own = rejected(LIMITED)
    last = at("2026-03-13 12:00")  # one hour until noon, four more, three on Friday
    with pytest.raises(Refused, match="time to contest"):
        contest(own, now=last + 1)
    caller = Caller(own, "marketer")
    sent = {"why": "it fits"}
    assert caller.post("/leads/L-1/contest", sent).status_code == 201
    assert records(own)[0].dispute == "open"


def test_at_the_last_instant_it_can_be_contested_and_facts_are_held_to_it_too():
    own = rejected(LIMITED)
    late = at("2026-03-13 12:01")
    fact = {"lead": "L-1", "kind": "disputed", "promise": "handoff", "system": "app"}
    fact |= {"source_id": "1", "occurred_at": "2026-03-12T11:30:00+01:00"}
    with moment.standing_at(late):
        got = Caller(own, "marketer").post("/facts", fact).json()
    assert "The time to contest this rejection is over." in str(got)
    assert contest(own, now=at("2026-03-13 12:00")) == "new"


def test_without_arbiters_somebody_else_settles_than_who_contested():
    own = rejected("arbitration: {within: 5 days}")
    contest(own)
    with pytest.raises(Refused, match="yourself"):
        settle(own, "mia")
    assert settle(own, "lena") == "new"


def test_whoever_rejected_leaves_it_to_others_too():
    own = rejected("arbitration: {within: 5 days}", "alma", by="lena")
    contest(own)
    with pytest.raises(Refused, match="yourself"):
        settle(own, "lena")
    assert settle(own, "alma") == "new"


def test_where_nobody_else_is_an_admin_settles():
    own = rejected("arbitration: {within: 5 days}", "alma")
    Person.objects.of(own).filter(key__in=["lena", "mia"]).update(is_active=False)
    contest(own, "alma")
    assert settle(own, "alma") == "new"


def test_whoever_is_named_but_has_left_settles_nothing():
    own = rejected("arbitration: {by: [mia, ben], within: 5 days}", "alma", by="ana")
    contest(own)
    with pytest.raises(Refused, match="yourself"):
        settle(own, "mia")
    Person.objects.of(own).filter(key="ben").update(is_active=False)
    with pytest.raises(Forbidden):
        settle(own, "alma")
    assert disputes.settlers(own.pk, disputes.arbitration(rules.rules_of(own.pk), NOW)) == {"mia"}
    Person.objects.of(own).filter(key="mia").update(is_active=False)
    assert settle(own, "alma") == "new"


def test_who_is_named_settles_their_own_where_the_others_have_left():
    own = rejected("arbitration: {by: [mia, ben], within: 5 days}", by="ana")
    contest(own)
    Person.objects.of(own).filter(key="ben").update(is_active=False)
    assert settle(own, "mia") == "new"


def test_what_nobody_settles_in_time_is_late():
    own = rejected("arbitration: {within: 2 working days}")
    contest(own)
    due = at("2026-03-16 11:00")
    found = rules.rules_of(own.pk)
    assert disputes.settled_until(found, records(own), NOW) == [due]
    assert (disputes.late(found, due), disputes.late(found, due + 1)) == (0, 1)
    settle(own, "lena", due + 1)
    assert disputes.late(found, due + 2) == 0


def test_the_pages_say_what_is_late_and_who_may_not():
    own = rejected("arbitration: {within: 2 working hours, contest within: 8 working hours}")
    mia = enter(own, "mia")
    assert "It can be contested until" in text_of(mia.get("/handoffs/L-1/1"))
    contest(own)
    with moment.standing_at(LATER):
        listed = text_of(mia.get("/handoffs/disputes"))
        assert "late" in listed
        assert "somebody else settles it" in listed
        assert "1 waits for too long" in text_of(mia.get("/handoffs"))
        assert "waits for longer than agreed" in text_of(mia.get("/troubles"))
        assert "somebody else settles it" in text_of(mia.get("/handoffs/L-1/1"))
        assert "The rejection stands" in text_of(enter(own, "lena").get("/handoffs/disputes"))


def test_the_page_of_a_handoff_says_that_it_is_too_late_to_contest():
    own = rejected(LIMITED)
    with moment.standing_at(LATER):
        page = text_of(enter(own, "mia").get("/handoffs/L-1/1"))
    assert "It could be contested until" in page
    assert "Contest it" not in page
