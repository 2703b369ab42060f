"""The page of prediction: from the first visit to a model in use, and the chance on a lead's page."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from leaddesk.book import foretelling, moment
from leaddesk.book.access import Actor
from leaddesk.book.models import ScoreModel, User
from tests.leaddesk.desk import person, take, workspace
from tests.leaddesk.pages.reading import PASSWORD, send, text_of
from tests.leaddesk.test_foretelling import history, qualifies
from tests.leadpact.learned_logs import NOW, TEXT

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def standing_still():
    with moment.standing_at(NOW):
        yield


@pytest.fixture
def own():
    return workspace(TEXT, name="Northwind")


def trained(own, count=1_100):
    take(own, *history(count), now=NOW, announce=False)
    foretelling.want(Actor(own.pk, "mia", "admin"), NOW)
    assert foretelling.train(foretelling.claim(NOW), NOW)


def test_the_first_visit_says_what_it_takes_and_offers_it(visitor, own):
    page = visitor.get("/prediction")
    assert "No model yet" in page.text
    assert "at least 1,000 leads" in text_of(page)
    page = send(visitor, "/prediction/train", form="/prediction")
    assert page.status_code == 302
    page = visitor.get(page["Location"])
    assert "Being trained" in page.text
    assert 'hx-trigger="every 2s"' in page.text
    assert "Train a new model" not in page.text


def test_too_few_leads_are_told_with_what_is_missing(visitor, own):
    trained(own, 60)
    said = text_of(visitor.get("/prediction"))
    assert "Why it was not trained" in said
    assert "at least 1,000 are needed, 940 more." in said
    assert "Put to use" not in said


def test_a_trained_model_shows_what_it_is_worth(visitor, own):
    trained(own)
    page = visitor.get("/prediction")
    said = text_of(page)
    for words in (
        "Ranks them right (AUC)",
        "The rules, on the same leads",
        "What it looks at",
        "Put to use",
    ):
        assert words in said
    assert page.text.count("<svg") >= 3
    assert "style=" not in page.text
    assert "hx-trigger" not in page.text.partition('id="prediction"')[2]
    csv = visitor.get("/prediction?model=1&chart=lift&as=csv")
    assert csv["Content-Type"].startswith("text/csv")


def test_it_is_put_to_use_and_retired(visitor, own):
    trained(own)
    assert send(visitor, "/prediction/1/use", form="/prediction").status_code == 302
    said = text_of(visitor.get("/prediction"))
    assert "in use" in said
    assert "Does it still hold?" in said
    assert foretelling.look_after(NOW)
    assert "Recent leads are like those it was learned from." in text_of(visitor.get("/prediction"))
    take(own, *qualifies("N-1", NOW - 1), now=NOW)
    lead = visitor.get("/leads/N-1")
    assert "Chance to be won" in lead.text
    assert "as model 1 foretold when it qualified" in lead.text
    assert "× " in lead.text
    assert "The chance to be won was foretold as" in text_of(lead)
    assert send(visitor, "/prediction/1/retire", form="/prediction").status_code == 302
    assert "Chance to be won" not in visitor.get("/leads/N-1").text


def test_a_model_that_tells_nothing_is_refused_with_its_reason(visitor, own):
    trained(own)
    row = ScoreModel.objects.of(own.pk).get()
    ScoreModel.objects.of(own.pk).update(validation={**row.validation, "tells": False})
    page = send(visitor, "/prediction/1/use", form="/prediction")
    assert page.status_code == 422
    assert "no better than chance" in text_of(page)


def test_whoever_may_not_train_reads(own, mia):
    trained(own)
    user = User.objects.create_user("vic@northwind.example", PASSWORD)
    person(own, "vic", role="viewer", user=user, email="vic@northwind.example")
    client = Client(enforce_csrf_checks=True)
    send(client, "/sign-in", email="vic@northwind.example", password=PASSWORD)
    page = client.get("/prediction")
    assert page.status_code == 200
    assert "<button" not in page.text.partition('id="prediction"')[2].partition("<footer")[0]
    assert send(client, "/prediction/1/use", form="/account").status_code == 403


def test_it_takes_few_queries_whatever_the_number_of_models(visitor, own):
    trained(own)
    for _n in range(5):
        foretelling.want(Actor(own.pk, "mia", "admin"), NOW)
        foretelling.train(foretelling.claim(NOW), NOW)
    visitor.get("/prediction")
    with CaptureQueriesContext(connection) as found:
        visitor.get("/prediction")
    assert len(found) <= 20
    foretelling.put_to_use(Actor(own.pk, "mia", "admin"), 1, NOW)
    visitor.get("/leads/L-00001")
    with CaptureQueriesContext(connection) as found:
        visitor.get("/leads/L-00001")
    assert len([one for one in found.captured_queries if '"validation"' in one["sql"]]) == 1


@pytest.mark.parametrize("asked", ["-1", "x", "9" * 30, "٣", "%00", "1' or 1=1", "<b>"])
def test_a_strange_number_shows_the_usual_model(visitor, own, asked):
    trained(own, 60)
    page = visitor.get("/prediction", {"model": asked})
    assert page.status_code == 200
    assert re.search(r"model 1\b", page.text)


def test_what_is_not_there_is_absent(visitor, own):
    assert send(visitor, "/prediction/7/use", form="/prediction").status_code == 404
    assert send(visitor, f"/prediction/{'9' * 40}/retire", form="/prediction").status_code == 404


def test_another_workspace_shows_nothing_of_it(visitor, own):
    other = workspace(TEXT)
    trained(other)
    assert "No model yet" in visitor.get("/prediction").text
    assert send(visitor, "/prediction/1/use", form="/prediction").status_code == 404
