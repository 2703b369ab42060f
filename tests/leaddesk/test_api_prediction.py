"""Models of the chance to win by the API: asked for, told, put to use, refused."""

import pytest

from leaddesk.book import foretelling, moment
from tests.leaddesk.asking import Caller, problem
from tests.leaddesk.desk import take, workspace
from tests.leaddesk.test_foretelling import history
from tests.leadpact.learned_logs import NOW, TEXT

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def clock():
    with moment.standing_at(NOW):
        yield


def test_a_model_from_the_wish_to_its_end():
    own = workspace(TEXT)
    take(own, *history(), now=NOW, announce=False)
    caller = Caller(own, "sales lead")
    asked = caller.post("/score-models")
    assert (asked.status_code, asked.json()["state"]) == (202, "wanted")
    assert caller.post("/score-models").json()["number"] == 1
    foretelling.train(foretelling.claim(NOW), NOW)
    (listed,) = caller.get("/score-models").json()["data"]
    assert (listed["state"], listed["leads"], listed["refusal"]) == ("trained", 1_100, [])
    told = caller.get("/score-models/1").json()
    assert told["validation"]["tells"] is True
    assert told["validation"]["first"].endswith("Z")
    assert told["body"]["leadpact model"] == 1
    assert told["drift"] is None
    assert caller.post("/score-models/1/use").json()["state"] == "in use"
    assert caller.post("/score-models/1/retire").json()["state"] == "retired"


def test_what_cannot_be_used_is_a_problem():
    own = workspace(TEXT)
    caller = Caller(own)
    caller.post("/score-models")
    foretelling.train(foretelling.claim(NOW), NOW)
    told = caller.get("/score-models/1").json()
    assert {"what": "leads", "found": 0, "needed": 1_000} in told["refusal"]
    assert problem(caller.post("/score-models/1/use"))[0] == 422
    assert problem(caller.get("/score-models/99999999999")) == (404, "not-found")
    assert problem(Caller(own, "viewer").post("/score-models")) == (403, "forbidden")
