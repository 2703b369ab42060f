"""The API of tokens, channels and deliveries."""

import pytest

from leaddesk.book import access, moment
from leaddesk.book.models import Answer, Channel, Delivery, Entry, Token
from tests.leaddesk.asking import NOW, Caller, furnished, problem
from tests.leaddesk.desk import workspace

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def own():
    with moment.standing_at(NOW):
        yield furnished()[0]


@pytest.fixture
def caller(own):
    return Caller(own)


def test_secrets_are_shown_once_and_kept_nowhere(own, caller):
    body = {"name": "CRM", "scopes": ["facts:write"]}
    made = caller.ask("post", "/tokens", body, Idempotency_Key="k-1")
    secret = made.json()["secret"]
    assert access.actor_of_token(secret, NOW).scopes == {"facts:write"}
    again = caller.ask("post", "/tokens", body, Idempotency_Key="k-1")
    assert again.json() == {**made.json(), "secret": None}
    held = [*Answer.objects.of(own).values_list("body", flat=True)]
    held += [str(row) for row in Token.objects.of(own).values()]
    held += [str(row) for row in Entry.objects.of(own).values()]
    assert held
    assert not any(secret.rpartition("_")[2] in text for text in held)
    assert caller.ask("delete", f"/tokens/{made.json()['key']}").status_code == 204
    assert access.actor_of_token(secret, NOW) is None


def test_a_token_is_no_wider_than_the_one_that_made_it(own):
    narrow = Caller(own, "admin", ["read", "admin"])
    assert narrow.post("/tokens", {"name": "x", "scopes": ["admin"]}).status_code == 201
    rep = Caller(own, "rep", ["admin"])
    other = {"name": "x", "scopes": ["read"], "person": "boss"}
    assert problem(rep.post("/tokens", other)) == (403, "forbidden")


def test_a_channel_is_set_up_tried_rotated_and_switched_off(own, caller):
    settings = {"url": "https://203.0.114.9/hook"}
    assert problem(caller.post("/channels", {"kind": "webhook", "name": "x", "settings": {}})) == (
        422,
        "invalid",
    )
    made = caller.post("/channels", {"kind": "webhook", "name": "CRM", "settings": settings})
    told = made.json()
    assert made.status_code == 201, told
    assert told["secret"].startswith("whsec_")
    path = f"/channels/{told['key']}"
    assert told["secret"] not in caller.get(path).content.decode()
    tried = caller.post(f"{path}/test")
    assert tried.status_code == 202
    delivery = Delivery.objects.of(own).get(key=tried.json()["delivery"])
    assert (delivery.kind, delivery.state) == ("test", "pending")
    fresh = caller.post(f"{path}/rotate").json()["secret"]
    kept = Channel.objects.of(own).get(key=told["key"]).secrets
    assert kept == {"secret": fresh, "previous": told["secret"]}
    off = caller.ask("patch", path, {"is_active": False}, If_Match='"2"').json()
    assert (off["is_active"], off["version"], off["secrets"]) == (False, 3, ["previous", "secret"])


def test_no_channel_leads_to_an_address_inside(caller):
    body = {"kind": "webhook", "name": "x", "settings": {"url": "https://127.0.0.1/"}}
    assert problem(caller.post("/channels", body)) == (422, "invalid")


def test_a_dead_delivery_is_replayed_under_its_key(own, caller):
    delivery = Delivery.objects.of(own).get(state="dead")
    told = caller.get(f"/deliveries/{delivery.key}").json()
    assert [(one["number"], one["outcome"]) for one in told["tries"]] == [(1, "refused")]
    again = caller.post(f"/deliveries/{delivery.key}/replay").json()
    assert (again["key"], again["state"]) == (delivery.key, "pending")
    assert problem(caller.post(f"/deliveries/{delivery.key}/replay")) == (422, "invalid")


def test_what_is_held_is_released_by_the_only_workspace(own, caller):
    Delivery.objects.of(own).update(state="held")
    assert caller.post("/deliveries/release", {"drop": False}).json() == {"deliveries": 1}
    assert Delivery.objects.of(own).get().state == "pending"
    workspace()
    assert problem(caller.post("/deliveries/release", {"drop": True})) == (422, "invalid")


@pytest.mark.parametrize(
    "change, told",
    [
        ({"events": ["brokn"]}, ("events", "The channel knows no 'brokn'.", "broken")),
        (
            {"settings": {"url": "https://93.184.216.34/", "uri": "x"}},
            ("settings", "'uri'", "url"),
        ),
        ({"secrets": {"secrt": "x"}}, ("secrets", "'secrt'", "secret")),
    ],
)
def test_a_slip_of_the_pen_in_a_channel_is_refused(own, change, told):
    caller = Caller(own)
    body = {"kind": "webhook", "name": "CRM", "settings": {"url": "https://93.184.216.34/"}}
    path, said, remedy = told
    (found,) = [
        one
        for one in caller.post("/channels", body | change).json()["problems"]
        if one["path"] == path
    ]
    assert said in found["problem"]
    assert remedy in found["remedy"]
    key = caller.post("/channels", body).json()["key"]
    changed = caller.ask("patch", f"/channels/{key}", change, If_Match='"1"')
    assert problem(changed) == (422, "invalid")
