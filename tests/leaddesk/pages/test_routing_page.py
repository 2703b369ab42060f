"""The room of routing: who gets leads and why, what waits, and a dry run that changes nothing."""

import json

import pytest
from django.test import Client

from leaddesk.book import rules, trials
from leaddesk.book.models import Fact, Handoff, Lead, Turn
from leaddesk.pages.route_words import explained
from tests.leaddesk.desk import at, fact, handed_over, person, take, workspace
from tests.leaddesk.pages.reading import NOW, PASSWORD, send, text_of

pytestmark = pytest.mark.django_db(transaction=True)
TEXT = """\
leadpact: 1
agreement: A small desk
version: 1
valid from: 2026-01-01
between: {marketing: [mia], sales: [ana, ben, chai]}
zone: Europe/Warsaw
calendars:
  office: {open: {mon-fri: [09:00-17:00]}}
people:
  ana: {team: inbound, weight: 2}
  ben: {team: inbound, leave: [2026-03-09/2026-03-13]}
  chai: {team: asia, at most: 0 per month}
handoff:
  when: mql
  route:
    by: weight
    team: inbound
    at most: 250 per month
    at least: 10 per month
    same account: same owner
    territories: [{when: {country: TH}, team: asia}]
"""


def tried(client, **form):
    """What the page says of a dry run, once it has ended."""
    found = send(client, "/routing/try", **form)
    assert found.status_code == 302, found.text
    return client.get(found.url)


@pytest.fixture
def own():
    return workspace(TEXT)


def created(*leads, **fields):
    return [fact(lead, "created", "2026-03-10 10:00", **fields) for lead in leads]


def test_the_page_shows_who_has_room_and_what_waits(own, visitor):
    for key in ("ana", "ben", "chai"):
        person(own, key, side="sales")
    take(own, *created("L-1", "L-2"), handed_over("L-1", "2026-03-11 10:00"), now=NOW)
    Handoff.objects.of(own).create(
        workspace=own,
        lead="L-2",
        pass_number=1,
        state="waiting",
        at=at("2026-03-11 11:00"),
        route='{"pool":"team asia","rule":"weight","among":0,"passed":[["chai","full",null,"0 per month"]]}',
    )
    told = text_of(visitor.get("/routing"))
    for said in (
        "1 lead waits for an owner",
        "Nobody of the team asia can take it now. Passed over: Chai (full (0 per month)).",
        "the team inbound 1 of 2 can be given a lead now.",
        "Ben away until Mar 16, 2026, 09:00",
        "1 of 250 per month",
        "the team asia territory 1 0 of 1 can be given a lead now.",
        "If country is th, leads go to the team asia.",
        "chai gets at most 0 per month.",
    ):
        assert said in told, said


def test_without_a_route_the_page_says_what_to_do(visitor):
    own = workspace()
    del own
    assert visitor.get("/routing").status_code == 200


def test_the_page_takes_few_queries(own, visitor, django_assert_max_num_queries):
    take(own, *created(*(f"L-{n}" for n in range(60))), now=NOW)
    Handoff.objects.of(own).bulk_create(
        Handoff(workspace=own, lead=f"L-{n}", pass_number=1, state="waiting", at=NOW)
        for n in range(60)
    )
    with django_assert_max_num_queries(20):
        assert visitor.get("/routing").status_code == 200
    with django_assert_max_num_queries(50):  # of two pages, and of the dry run itself
        found = send(visitor, "/routing/try", what="waiting")
    with django_assert_max_num_queries(20):
        assert visitor.get(found.url).status_code == 200


def test_a_dry_run_says_who_would_get_which_and_changes_nothing(own, visitor):
    take(
        own,
        *created("L-1", "L-2", "L-3"),
        *created("T-1", country="TH"),
        now=NOW,
    )
    before = (Fact.objects.of(own).count(), Turn.objects.of(own).count())
    found = tried(visitor, what="leads", leads="L-1\nT-1, L-2\nnowhere\n")
    told = text_of(found)
    assert "Now ana 2 100% 2 1.3 – –" in told
    assert "1 lead would wait for an owner limits are full 1" in told
    assert "Not there, or not for you to see: nowhere" in told
    assert "ana was next by weight (2) among 1 of the team inbound who could take it." in told
    assert "Territory 1 fits: it goes to the team asia." in told
    assert (Fact.objects.of(own).count(), Turn.objects.of(own).count()) == before
    assert not Lead.objects.of(own).exclude(owner="").exists()


def test_what_waits_and_what_a_view_lists_can_be_tried(own, visitor):
    take(own, *created("L-1", "L-2"), now=NOW)
    Handoff.objects.of(own).create(
        workspace=own, lead="L-2", pass_number=1, state="waiting", at=NOW
    )
    assert "ana 1 100%" in text_of(tried(visitor, what="waiting"))
    send(visitor, "/views", form="/leads", name="All", query="")
    page = visitor.get("/routing/try").text
    key = page.partition('<option value="')[2].partition('"')[0]
    assert "The view \u2068All\u2069" in text_of(tried(visitor, what="view", view=key))
    found = tried(visitor, what="filter", query="sort=created")
    assert "ana 2 100%" in text_of(found)


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"what": "leads", "leads": " \n,"},
        {"what": "view", "view": "view-nowhere\x00"},
        {"what": "waiting"},
    ],
)
def test_nothing_to_try_is_told_at_the_field(own, visitor, form):
    found = send(visitor, "/routing/try", **form)
    assert (found.status_code, "There is no lead to try." in found.text) == (422, True)


def test_hostile_input_is_text(own, visitor):
    found = send(visitor, "/routing/try", what="leads", leads="<b>\x00\u202e" + "x" * 40_000)
    found = visitor.get(found.url) if found.status_code == 302 else found
    assert found.status_code in {200, 422}
    assert "<b>" not in found.text.partition("<main")[2].replace("<b></b>", "")


def test_a_rep_tries_the_leads_that_they_may_see(own, mia):
    from leaddesk.book.models import User

    user = User.objects.create_user("ana@northwind.example", PASSWORD)
    person(own, "ana", role="rep", user=user, side="sales")
    take(own, *created("L-1", "L-2"), handed_over("L-1", "2026-03-11 10:00"), now=NOW)
    client = Client(enforce_csrf_checks=True)
    send(client, "/sign-in", email="ana@northwind.example", password=PASSWORD)
    told = text_of(tried(client, what="leads", leads="L-1\nL-2"))
    assert "Ana 1 100%" in told
    assert "not for you to see: L-2" in told


def test_a_long_list_is_cut(own, mia):
    from leaddesk.book.access import actor_of

    keys = [f"K-{n}" for n in range(trials.MOST + 3)]
    found = trials.trial(actor_of(mia), keys, NOW)
    assert (found.beyond, len(found.unknown)) == (3, trials.MOST)


@pytest.mark.parametrize(
    ("route", "told"),
    [
        ("", []),
        ("no json", []),
        ("[1]", []),
        ('{"pool": 3}', []),
        ('{"pool":"everyone","passed":[["ana"]]}', []),
        ('{"pool":"everyone","rule":"weight","credit":"much","owner":"ana"}', []),
        ('{"pool":"everyone","rule":"weight","retry_at":99999999999999999999}', []),
        (
            '{"pool":"everyone","rule":"weight","caps":[["many per day",1]],"owner":"ana"}',
            [
                "Ana was next by weight (1) among 1 of all of sales who could take it.",
                "With it they have: 1 of many per day.",
            ],
        ),
        (
            '{"pool":"everyone","rule":"load","among":2,"owner":"ana","next":"ben","load":3}',
            [
                "Ana owed least (3) among 2 of all of sales who could take it over.",
                "Ben would have been next.",
            ],
        ),
        (
            (
                '{"pool":"ana, ben","rule":"weight","among":1,"owner":"ana","weight":"2","credit":-250000,'
                '"caps":[["20 per day",3],["60 open",7]],"least":"10 per month"}'
            ),
            [
                "Ana went first: near the end of the period, and still below the minimum of 10 per month.",
                "They were owed -0.25 leads.",
                "With it they have: 3 of 20 per day; 7 of 60 open at one time.",
            ],
        ),
        (
            '{"pool":"everyone","rule":"account","account_owner":"ben","retry_at":1773320400000000}',
            [
                "It waits for Ben, who has other leads of the same company.",
                "It is tried again at Mar 12, 2026, 14:00.",
            ],
        ),
    ],
)
def test_what_explains_a_route_is_said_in_sentences(route, told):
    from leaddesk.tongue import Wishes, speaking

    with speaking(Wishes(zone="Europe/Warsaw")):
        assert explained(route, {"ana": "Ana", "ben": "Ben"}) == told


def test_names_of_another_script_are_kept_apart_in_a_sentence():
    route = '{"pool":"everyone","rule":"account","owner":"ana"}'
    assert explained(route, {"ana": "رضا"}) == [
        "\u2068رضا\u2069 has other leads of the same company."
    ]


def test_reassignments_and_handovers_explain_themselves_alike(own):
    rota = rules.rules_of(own.pk)
    from leaddesk.book import routing

    (one,) = routing.tried(own.pk, rota, [routing.Wanted("L-1", 1, NOW)], NOW)
    assert json.loads(one.text())["owner"] == "ana"
    assert explained(one.text(), {})[0].startswith("ana was next by weight (2)")
