"""The stand-up: misses with owner, cause and next step; decisions that are kept with their day."""

import json
import re
from html.parser import HTMLParser

import pytest

from leaddesk.book import moment, report, rules
from leaddesk.book.models import Contact, Decision, Due, Entry, MissCause
from leaddesk.book.moment import DAY
from leaddesk.book.shelf import Shelf
from leaddesk.book.standup import Identity
from leaddesk.pages import standup
from tests.leaddesk.desk import handed_over, person, take, workspace
from tests.leaddesk.pages.reading import NOW, send, text_of
from tests.leaddesk.pages.test_scoreboard import visitor_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def misses(own, mia):
    """A Thursday morning after two misses of Wednesday."""
    person(own, "ana", name="Ana Kowalska")
    person(own, "ben")
    take(
        own,
        handed_over("L-1", "2026-03-11 09:00"),
        handed_over("L-2", "2026-03-11 09:30", owner="ben"),
        now=NOW,
    )
    report.draw(own.pk, Shelf(own.pk), NOW)
    return own


def missed(own, number=0):
    return Due.objects.of(own).filter(verdict="broken").order_by("due_at", "id")[number]


def said_of(own, number=0, shown=("", ""), cause="away", step="ben calls at ten", **named):
    """What the form says of a miss, as the page shows it."""
    row = missed(own, number)
    told = {name: getattr(row, name) for name in Identity._fields} | named
    mark = Identity(**told).mark
    field = json.dumps([*told.values(), *shown])
    return {"miss": field, f"cause-{mark}": cause, f"step-{mark}": step}


def shown_on(page):
    """The form of the misses as a browser would send it back: untouched."""

    class Fields(HTMLParser):
        found, name = (), ""

        def handle_starttag(self, tag, attrs):
            told = dict(attrs)
            if tag == "select":
                self.name = told["name"]
            elif tag == "option" and "selected" in told:
                self.found = (*self.found, (self.name, told["value"]))
            elif tag == "input" and "name" in told:
                self.found = (*self.found, (told["name"], told.get("value") or ""))

    fields = Fields()
    form = r'<form method="post" action="/stand-up/misses">.*?</form>'
    fields.feed(re.search(form, page.text, re.DOTALL)[0])
    form = {}
    for name, value in fields.found:
        form.setdefault(name, []).append(value)
    return form


def sent(visitor, form):
    return visitor.post("/stand-up/misses", form)


def said(own):
    return {one.lead: (one.cause, one.next_step) for one in MissCause.objects.of(own)}


def test_it_tells_what_was_promised_met_and_missed_on_both_sides(visitor, misses):
    text = text_of(visitor.get("/stand-up"))
    assert "first contact 2 0 2" in text
    assert "volume 5 2 3" in text  # 100 in 22 working days; a handover is an MQL
    assert "2 misses" in text
    assert "Ana Kowalska" in text


def test_a_monday_looks_back_to_friday(visitor, misses):
    with moment.standing_at(NOW + 4 * DAY):
        assert "Mar 13, 2026 to Mar 15, 2026" in text_of(visitor.get("/stand-up"))


def test_causes_are_kept(visitor, misses):
    answer = send(visitor, "/stand-up/misses", "/stand-up", **said_of(misses))
    assert answer.status_code == 302
    (kept,) = MissCause.objects.of(misses)
    assert (kept.lead, kept.cause, kept.next_step) == ("L-1", "away", "ben calls at ten")
    assert (kept.said_by, kept.rung) == ("mia", -1)
    page = visitor.get("/stand-up")
    assert "The causes are kept." in text_of(page)
    assert 'value="ben calls at ten"' in page.text
    assert Entry.objects.of(misses).filter(act="said why").count() == 1


def test_saying_the_same_again_changes_nothing(visitor, misses):
    for _again in range(2):
        send(visitor, "/stand-up/misses", "/stand-up", **said_of(misses))
    assert Entry.objects.of(misses).filter(act="said why").count() == 1


@pytest.mark.parametrize(
    ("typed", "status"),
    [
        ({"cause": "magic"}, 422),
        ({"step": 10_000 * "x"}, 422),
        ({"step": "\u202eabc"}, 422),
        ({"lead": "none"}, 404),
        ({"lead": "a\x00b"}, 404),
        ({"lead": "\ud800"}, 404),
        ({"lead": 5}, 404),
        ({"pass_number": "x"}, 404),
        ({"rung": 99999999999}, 404),
        ({"occurrence": 7}, 404),
    ],
)
def test_what_was_typed_wrong_is_refused_and_kept(visitor, misses, typed, status):
    answer = send(visitor, "/stand-up/misses", "/stand-up", **said_of(misses, **typed))
    assert answer.status_code == status
    if status == 422:
        assert "Nothing was changed" in text_of(answer)
        assert not MissCause.objects.of(misses).exists()
        if "step" not in typed:
            assert "ben calls at ten" in answer.text


@pytest.mark.parametrize(
    "text", ["", "x", "[", "{}", "7", 5_000 * "[", '["a", "b", 1, 1, 1, 2, 3]']
)
def test_a_form_that_names_no_miss_is_answered(visitor, misses, text):
    assert send(visitor, "/stand-up/misses", "/stand-up", miss=text).status_code == 404


def test_only_what_was_changed_is_kept(visitor, misses):
    form, first = shown_on(visitor.get("/stand-up")), missed(misses)
    theirs = said_of(misses, 1, cause="system", step="mend the sync")
    assert send(visitor, "/stand-up/misses", "/stand-up", **theirs).status_code == 302
    form[f"cause-{Identity(*identity(first)).mark}"] = ["away"]
    assert sent(visitor, form).status_code == 302
    assert said(misses) == {"L-1": ("away", ""), "L-2": ("system", "mend the sync")}
    assert Entry.objects.of(misses).filter(act="said why").count() == 2


def identity(row):
    return [getattr(row, name) for name in Identity._fields]


def test_what_somebody_else_said_meanwhile_stands_beside_what_was_typed(visitor, misses):
    form, mark = shown_on(visitor.get("/stand-up")), Identity(*identity(missed(misses))).mark
    send(visitor, "/stand-up/misses", "/stand-up", **said_of(misses, cause="system", step="theirs"))
    form[f"step-{mark}"] = ["mine"]
    form[f"step-{Identity(*identity(missed(misses, 1))).mark}"] = ["other"]
    answer = sent(visitor, form)
    assert answer.status_code == 422
    assert "It was changed after you opened the form" in text_of(answer)
    assert "System or handover failed · theirs" in text_of(answer)
    assert 'value="mine"' in answer.text
    assert 'value="other"' in answer.text
    assert said(misses) == {"L-1": ("system", "theirs")}
    assert sent(visitor, shown_on(answer)).status_code == 302  # now with theirs in sight
    assert said(misses) == {"L-1": ("", "mine"), "L-2": ("", "other")}


def test_one_refused_row_keeps_all_from_being_stored(visitor, misses):
    form = shown_on(visitor.get("/stand-up"))
    for number, step in ((0, "call"), (1, 600 * "x")):
        form[f"step-{Identity(*identity(missed(misses, number))).mark}"] = [step]
    answer = sent(visitor, form)
    assert (answer.status_code, said(misses)) == (422, {})
    assert 'value="call"' in answer.text


def test_a_refused_form_shows_the_same_day_and_as_many_rows(visitor, misses):
    with moment.standing_at(NOW + DAY):
        assert "Every promise" in text_of(visitor.get("/stand-up"))
        page = visitor.get("/stand-up?day=2026-03-12&all")
        form, mark = shown_on(page), Identity(*identity(missed(misses))).mark
        form[f"step-{mark}"] = [600 * "x"]
        answer = sent(visitor, form)
        assert answer.status_code == 422
        assert "2 misses" in text_of(answer)
        token = "csrfmiddlewaretoken"
        assert shown_on(answer) | {token: ""} == form | {token: ""}
        form[f"step-{mark}"] = ["short"]
        assert sent(visitor, form)["Location"] == "/stand-up?day=2026-03-12&all="


def test_a_full_page_can_be_sent(visitor, misses):
    first = missed(misses)
    for number in range(standup.MOST_ROWS):
        first.pk, first.rung = None, number
        first.save(force_insert=True)
    form = shown_on(visitor.get("/stand-up?all"))
    assert len(form["miss"]) == standup.MOST_ROWS
    for name in form:
        if name.startswith("step-"):
            form[name] = ["call"]
    assert sent(visitor, form).status_code == 302
    assert MissCause.objects.of(misses).filter(next_step="call").count() == standup.MOST_ROWS


def test_each_occurrence_has_a_cause_of_its_own(visitor, misses):
    row = missed(misses)
    row.pk, row.occurrence = None, row.occurrence + 1
    row.save(force_insert=True)
    send(visitor, "/stand-up/misses", "/stand-up", **said_of(misses))
    assert visitor.get("/stand-up").text.count('value="ben calls at ten"') == 1


@pytest.mark.parametrize("path", ["/stand-up", "/today"])
def test_a_promise_at_risk_names_its_lead(visitor, misses, path):
    Due.objects.of(misses).filter(lead="L-2").update(
        verdict="open", at_risk=True, due_at=NOW + DAY // 24
    )
    assert '<a href="/leads/L-2"><bdi>L-2</bdi></a>' in visitor.get(path).text
    Contact.objects.of(misses).create(
        workspace=misses, lead="L-2", name="Ola Nowak", created_at=NOW
    )
    assert '<a href="/leads/L-2"><bdi>Ola Nowak</bdi></a>' in visitor.get(path).text
    assert "Ola Nowak" not in visitor_of(misses, "auditor").get(path).text


def test_today_says_where_a_figure_is_too_few_to_judge(visitor, misses):
    assert "0/2 · too few to judge" in text_of(visitor.get("/today"))


def test_no_decision_has_no_number(visitor, misses):
    page = visitor.get("/stand-up")
    assert "None yet." in text_of(page)
    assert "<li" not in page.text.split("None yet.")[0].rsplit("<h2>", 1)[1]


def test_decisions_are_kept_with_their_day_and_can_be_taken_back(visitor, misses):
    send(visitor, "/stand-up/decisions", "/stand-up", text="Call demos first <b>")
    (made,) = Decision.objects.of(misses)
    assert (str(made.day), made.decided_by) == ("2026-03-12", "mia")
    page = visitor.get("/stand-up")
    assert "Call demos first &lt;b&gt;" in page.text
    assert "Undo" in text_of(page)
    send(visitor, f"/stand-up/decisions/{made.pk}/strike", "/stand-up")
    assert "Call demos first" not in text_of(visitor.get("/stand-up"))
    assert Decision.objects.of(misses).count() == 1


def test_past_stand_ups_are_found_by_their_day(visitor, misses):
    Decision.objects.of(misses).create(
        workspace=misses, day="2026-03-05", text="More slots", decided_by="mia", decided_at=NOW
    )
    page = visitor.get("/stand-up")
    assert '<option value="2026-03-05">' in page.text
    assert "More slots" in text_of(visitor.get("/stand-up?day=2026-03-05"))


@pytest.mark.parametrize("text", ["", "   ", 2_000 * "x", "a\x00b"])
def test_a_decision_needs_a_fitting_text(visitor, misses, text):
    answer = send(visitor, "/stand-up/decisions", "/stand-up", text=text)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert not Decision.objects.of(misses).exists()


@pytest.mark.parametrize("day", ["x", "2026-99-99", "0001-01-01", "9999-12-31", "²026-01-01"])
def test_odd_days_are_answered(visitor, misses, day):
    assert visitor.get("/stand-up", {"day": day}).status_code == 200


def test_nothing_changes_without_a_form_of_this_desk(visitor, misses):
    assert visitor.post("/stand-up/decisions", {"text": "x"}).status_code == 403
    assert visitor.get("/stand-up/decisions").status_code == 405


@pytest.mark.parametrize("role", ["viewer", "auditor"])
def test_who_may_only_read_says_nothing(misses, role):
    client = visitor_of(misses, role)
    page = client.get("/stand-up")
    assert page.status_code == 200
    assert "Keep it" not in page.text
    answer = send(client, "/stand-up/decisions", "/password", text="x")
    assert (answer.status_code, Decision.objects.of(misses).count()) == (403, 0)


def test_a_decision_of_another_workspace_is_not_there(visitor, misses):
    other = workspace()
    theirs = Decision.objects.of(other).create(
        workspace=other, day="2026-03-12", text="Theirs", decided_by="x", decided_at=NOW
    )
    answer = send(visitor, f"/stand-up/decisions/{theirs.pk}/strike", "/stand-up")
    theirs.refresh_from_db()
    assert (answer.status_code, theirs.struck_at) == (404, None)


def test_few_queries(visitor, misses, django_assert_max_num_queries):
    rules._unsure.clear()  # as after the transaction of the fixture, which never ends
    visitor.get("/stand-up")
    with django_assert_max_num_queries(20):
        visitor.get("/stand-up")
