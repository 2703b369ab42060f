"""Begin: three questions, a sample of one's own, and its end without a trace."""

import pytest

from leaddesk.book.models import AgreementVersion, Fact, Lead, OfWorkspace, Person, Workspace
from leaddesk.sample import joining
from leaddesk.sample import workspace as sample
from tests.leaddesk.desk import fact, handed_over, take
from tests.leaddesk.pages.reading import NOW, send, text_of

pytestmark = pytest.mark.django_db


def begun(visitor, act="explore"):
    return send(visitor, "/begin", name="Mia Lund", zone="Asia/Bangkok", language="th", act=act)


def test_three_answers_are_stored(visitor, own):
    assert begun(visitor, "store").headers["Location"] == "/begin"
    own.refresh_from_db()
    assert (own.zone, own.language) == ("Asia/Bangkok", "th")
    assert Person.objects.of(own).get(key="mia").name == "Mia Lund"
    assert not Workspace.objects.filter(is_sample=True).exists()


def test_a_wrong_answer_keeps_the_others(visitor, own):
    answer = send(visitor, "/begin", name="Mia Lund", zone="Bangkok", language="th")
    assert answer.status_code == 422
    assert 'value="Mia Lund"' in answer.text


def test_one_click_leads_into_a_sample_of_ones_own(visitor, own, mia):
    assert begun(visitor).headers["Location"] == "/queue"
    there = Workspace.objects.get(is_sample=True)
    assert there.slug == f"northwind-{own.slug}"
    assert sample.is_untold()
    assert Person.objects.of(there).filter(user=mia.user).count() == 1
    begun(visitor)
    assert Workspace.objects.filter(is_sample=True).count() == 1


def test_one_click_leads_out_and_leaves_no_trace(visitor, own, mia):
    take(own, handed_over("L-1", "2026-03-11 10:00"), now=NOW)
    before = {model: model.objects.of(own).count() for model in OfWorkspace.__subclasses__()}
    begun(visitor)
    there = Workspace.objects.get(is_sample=True)
    take(there, fact("N-1", "created", "2026-03-11 10:00"), now=NOW)
    send(visitor, "/begin/leave-sample", "/settings")
    assert not Workspace.objects.filter(is_sample=True).exists()
    assert [model for model in before if model.across.filter(workspace_id=there.pk).exists()] == []
    after = {model: model.objects.of(own).count() for model in before}
    assert {one.__name__ for one in before if before[one] != after[one]} <= {"Entry"}
    assert "Your own data stand" in text_of(visitor.get("/begin"))


def test_steps_tick_themselves(visitor, own, mia):
    assert "1 of 6 done" in text_of(visitor.get("/begin"))  # the agreement
    take(own, handed_over("L-1", "2026-03-11 10:00"), now=NOW)
    there = joining.join(mia, NOW)
    for number in range(3):
        take(
            there.workspace,
            fact(f"N-{number}", "attempted", "2026-03-11 10:00", channel="phone", by=there.key),
            now=NOW,
        )
    page = text_of(visitor.get("/begin"))
    assert "4 of 6 done" in page
    assert Lead.objects.of(own).count() == 1
    assert Fact.objects.of(there.workspace).count() == 3


def test_only_an_admin_begins(visitor, own):
    from tests.leaddesk.desk import person

    person(own, "eva", role="admin")
    Person.objects.of(own).filter(key="mia").update(role="rep")
    assert visitor.get("/begin").status_code == 403
    assert send(visitor, "/begin/explore", "/settings").status_code == 403


def test_an_admin_of_a_new_workspace_begins_and_others_see_the_day(visitor, own):
    assert visitor.get("/").headers["Location"] == "/today"
    AgreementVersion.objects.of(own).delete()
    assert visitor.get("/").headers["Location"] == "/begin"
    take(own, handed_over("L-1", "2026-03-11 10:00"), now=NOW)
    assert visitor.get("/").headers["Location"] == "/today"
