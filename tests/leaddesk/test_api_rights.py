"""Rights over the API: every endpoint for every role, and nothing of another workspace anywhere."""

import pytest

from leaddesk.api import limits
from leaddesk.api.app import api, described
from leaddesk.book import models, moment
from leaddesk.book.access import Actor
from leaddesk.book.rights import ROLES, SCOPES
from tests.leaddesk.asking import NOW, Caller, address, furnished, problem
from tests.leaddesk.desk import workspace

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def clock():
    with moment.standing_at(NOW):
        yield


def endpoints():
    """Every verb at every address of the reference, with the right that it names."""
    for path, verbs in described()["paths"].items():
        for verb, told in verbs.items():
            yield verb, path.removeprefix("/api/v1"), told["x-permission"]


def test_every_endpoint_is_in_the_reference():
    served = {
        (method.lower(), path.replace("path:", "").replace("int:", ""))
        for router in api()._get_bound_routers()
        for path, view in router.path_operations.items()
        for operation in view.operations
        for method in operation.methods
    }
    assert served == {(verb, path) for verb, path, _act in endpoints()}
    assert len(served) > 50


@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_what_the_table_says_and_no_more(role):
    own, ids = furnished()
    caller = Caller(own, role)
    for verb, template, act in endpoints():
        limits.forget()
        response = caller.ask(verb, address(template, ids), If_Match='"999"')
        wanted = Actor(own.pk, role, role, frozenset({"admin"})).may(act)
        assert lacks(response, act) != wanted, (verb, template, role, response.content)


@pytest.mark.parametrize("scope", SCOPES)
def test_a_scope_covers_what_the_table_says_and_no_more(scope):
    own, ids = furnished()
    caller = Caller(own, "admin", [scope])
    for verb, template, act in endpoints():
        response = caller.ask(verb, address(template, ids), If_Match='"999"')
        covered = act in SCOPES[scope]
        assert lacks(response, act) != covered, (verb, template, scope, response.content)


def lacks(response, act):
    """Whether this is the refusal of somebody who lacks that right."""
    if response.status_code != 403:
        return False
    assert problem(response) == (403, "forbidden")
    return f"'{act}'" in response.json()["detail"]


def test_nobody_gets_in_without_a_token():
    own, ids = furnished()
    caller = Caller(own)
    caller.client.defaults["HTTP_AUTHORIZATION"] = "Bearer ld_0000_0000"
    for verb, template, _act in endpoints():
        limits.forget()
        assert problem(caller.ask(verb, address(template, ids))) == (401, "unauthorized")


BODIES = {
    "patch": {"name": "Taken over"},
    "post": {},
    "delete": None,
    "get": None,
}
KEPT = [
    *(models.Person, models.Team, models.Leave, models.Calendar, models.Company, models.Contact),
    *(models.AgreementVersion, models.Signature, models.Channel, models.Delivery, models.Attempt),
    *(models.Fact, models.Lead, models.Due, models.Notice, models.Entry, models.Block),
]
OWN_NAMES = {  # names that every workspace gives for itself: what is kept there is its own
    ("put", "/teams/{key}"),
    ("put", "/offers/{key}"),
    ("put", "/calendars/{calendar}/exceptions/{day}"),
}


def test_another_workspaces_ids_are_found_nowhere():
    theirs, ids = furnished("-theirs")
    insider = Caller(theirs)
    outsider = Caller(workspace())
    before = rows(theirs)
    checked = 0
    for verb, template, _act in sorted(endpoints(), key=lambda one: one[:2] in OWN_NAMES):
        if "{" not in template:
            continue
        limits.forget()
        place = address(template, ids)
        query = "?since=1" if template.endswith("difference") else ""
        found = outsider.ask(verb, place, BODIES.get(verb, {}), query=query, If_Match="*")
        if (verb, template) in OWN_NAMES:
            assert found.status_code in {200, 422}, (template, found.content)
        else:
            assert problem(found) == (404, "not-found"), (verb, template, found.content)
        checked += 1
    assert checked > 25
    assert rows(theirs) == before
    for verb, template, _act in endpoints():  # and they are there for those who belong there
        if "{" in template and verb == "get":
            query = "?since=2" if template.endswith("difference") else ""
            assert insider.ask(verb, address(template, ids), query=query).status_code == 200


def rows(own):
    return [list(model.objects.of(own).order_by("id").values()) for model in KEPT]


def test_no_list_tells_of_another_workspace():
    theirs, _ids = furnished("-theirs")
    outsider = Caller(workspace())
    insider = Caller(theirs)
    told = 0
    for verb, template, _act in endpoints():
        if verb != "get" or "{" in template:
            continue
        query = {"/facts": "?lead=L-1-theirs"}.get(template, "")
        limits.forget()
        assert b"theirs" not in outsider.get(template, query=query).content, template
        told += b"theirs" in insider.get(template, query=query).content
    assert told > 8


def test_a_rep_sees_the_leads_of_their_team_alone():
    own, ids = furnished()
    rep = Caller(own, "rep", person="eve")
    mate = Caller(own, "rep", person="ana")
    lead = ids["lead"]
    for path in (f"/leads/{lead}", f"/leads/{lead}/obligations", f"/contacts/{lead}"):
        assert problem(rep.get(path)) == (404, "not-found")
        assert mate.get(path).status_code == 200
    for path in ("/leads", "/obligations", "/contacts"):
        assert rep.get(path).json()["data"] == []
        assert len(mate.get(path).json()["data"]) == 1
    assert problem(rep.get("/facts", query=f"?lead={lead}")) == (404, "not-found")
