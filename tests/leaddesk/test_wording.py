"""Wording: a delivery as its reader gets it, in their zone and language, whatever names contain."""

from email.message import EmailMessage

import pytest
from django.utils.translation import get_language

from leaddesk.book import outbox
from leaddesk.book.models import Company, Contact
from leaddesk.book.moment import MINUTE
from leaddesk.post import planning
from leaddesk.post.channels.email import mailed
from leaddesk.post.wishes import KINDS
from leaddesk.post.wording import digest_lines, worded
from leaddesk.tongue import Wishes, speaking, wishes
from tests.leaddesk.desk import at, person, workspace
from tests.leaddesk.letters import channel, notice
from tests.leaddesk.tongues import spoken_alone

pytestmark = pytest.mark.django_db(transaction=True)
NOW = at("2026-03-12 14:30")


def written(own, *notices, now=NOW, kind="email"):
    """The message that these notices become for Ana."""
    channel(own, kind)
    for fields in notices or [{}]:
        plain = {"kind": "broken", "when": NOW, "lead": "L-1"} | fields
        notice(own, plain.pop("kind"), plain.pop("when"), **plain)
    planning.plan(now)
    return worded(outbox.claim(now, 1)[0])


def desk(**ana):
    own = workspace()
    person(own, "ana", **({"name": "Ana Kowalska", "email": "ana@example.com"} | ana))
    return own


def contact(own, lead="L-1", name="Jan Nowak", company=""):
    of = company and Company.objects.of(own).create(
        workspace=own, key="acme", name=company, created_at=1
    )
    Contact.objects.of(own).create(
        workspace=own, lead=lead, name=name, company=of or None, created_at=1
    )


def test_a_breach_is_told_with_names_the_due_time_a_link_and_the_reason():
    own = desk()
    contact(own, company="Acme")
    message = written(own)
    assert message.subject == "Missed: first contact for Jan Nowak of Acme"
    assert message.text == (
        "Due: Thu, Mar 12, 2026, 14:30\n"
        "Owner: Ana Kowalska\n"
        "http://127.0.0.1:8000/leads/L-1\n"
        "\n"
        "-- \n"
        "You get this because you own what it is about.\n"
        "Times are those of Europe/Warsaw.\n"
        "Mute this for a while: http://127.0.0.1:8000/account/mute?kind=broken&lead=L-1\n"
    )
    assert (message.to, message.type, message.lead) == ("ana@example.com", "sla.breached", "L-1")


@pytest.mark.parametrize(
    ("kind", "headline", "type_"),
    [
        ("at risk", "Soon due: first contact for L-1", "sla.at_risk"),
        ("broken", "Missed: first contact for L-1", "sla.breached"),
        ("corrected", "Corrected: first contact for L-1", "sla.corrected"),
        ("escalated", "Still unanswered: first contact for L-1", "sla.escalated"),
        (
            "reassign",
            "Passed on, since nobody answered: first contact for L-1",
            "lead.reassigned",
        ),
    ],
)
def test_each_kind_has_words_and_a_name_on_the_wire(kind, headline, type_):
    message = written(desk(), {"kind": kind})
    assert (message.subject, message.type) == (headline, type_)


@pytest.mark.parametrize("kind", [one for one in KINDS if one != "digest"])
def test_a_digest_sums_up_every_kind_that_was_muted(kind):
    (line,) = digest_lines({"muted": {kind: 3}})
    assert line.endswith("while you were muted: 3")


def test_every_reader_is_told_why_they_get_it():
    own = desk()
    person(own, "kim", email="kim@example.com", role="sales lead")
    channel(own)
    notice(own, "escalated", NOW, to="sales lead")
    notice(own, "reassign", NOW, to="ana", owner="ben")
    planning.plan(NOW)
    reasons = {
        one.delivery.to: worded(one).text.partition("-- \n")[2].splitlines()[0]
        for one in outbox.claim(NOW, 9)
    }
    assert reasons == {
        "kim": "You get this because the agreement names you, or those whom you lead.",
        "ana": "You get this because the lead is yours from now on.",
    }


def test_times_are_those_of_the_readers_zone():
    message = written(desk(zone="Asia/Tehran"))
    assert "Due: Thu, Mar 12, 2026, 17:00\n" in message.text
    assert "Times are those of Asia/Tehran." in message.text


@pytest.mark.parametrize(
    ("language", "due", "direction"),
    [
        ("fr", "jeu. 12 mars 2026, 14\u00a0h\u00a030", "ltr"),
        ("id", "Kam, 12 Mar 2026 14.30", "ltr"),
        ("th", "พฤ. 12 มี.ค. 2569 14:30", "ltr"),
        ("fa", "پنجشنبه ۲۱ اسفند ۱۴۰۴، ۱۴:۳۰", "rtl"),
    ],
)
def test_a_mail_speaks_as_its_receiver_does(settings, tmp_path, language, due, direction):
    words = {"Due: %s": "[%s]", "Missed: %(promise)s for %(lead)s": "%(lead)s: %(promise)s!"}
    spoken_alone(settings, tmp_path, language, words)
    message = written(desk(language=language))
    assert message.subject == "L-1: first contact!"
    assert f"[{due}]\n" in message.text
    assert f'<html lang="{language}" dir="{direction}">' in message.html


def test_a_mail_counts_days_and_writes_digits_as_its_receiver_wishes(settings, tmp_path):
    spoken_alone(settings, tmp_path, "fa", {})
    message = written(desk(language="fa", dates="gregorian", digits="latin"))
    assert "\u2068Due\u2069: پنجشنبه 12 مارس 2026، 14:30\n" in message.text


def test_a_language_that_the_desk_does_not_speak_falls_back_to_english(settings, tmp_path):
    settings.LOCALE_PATHS = [tmp_path]
    message = written(desk(language="fr"))
    assert "Due: Thu, Mar 12, 2026, 14:30\n" in message.text
    assert '<html lang="en" dir="ltr">' in message.html


def test_the_language_of_the_workspace_counts_where_somebody_chose_none(settings, tmp_path):
    spoken_alone(settings, tmp_path, "fr", {})
    own = workspace(language="fr")
    person(own, "ana", email="ana@example.com")
    assert "Due: jeu. 12 mars 2026" in written(own).text


def test_who_words_a_mail_goes_on_in_their_own_language(settings, tmp_path):
    spoken_alone(settings, tmp_path, "fr", {})
    with speaking(Wishes("en", zone="Asia/Tokyo")):
        written(desk(language="fr"))
        assert wishes() == Wishes("en", zone="Asia/Tokyo")
        assert get_language() == "en"


@pytest.mark.parametrize(("minutes", "is_late"), [(5, False), (6, True)])
def test_what_was_found_late_says_so(minutes, is_late):
    message = written(desk(), {"found_at": NOW + minutes * MINUTE})
    said = "This comes late: it is so since Thu, Mar 12, 2026, 14:30, and the desk saw it only now."
    assert (said in message.text) is is_late


EVIL = "Jan\r\nBcc: all@example.com\n\n<script>alert(1)</script>\u202egro.live\x00" + "y" * 10_000


def test_names_that_hold_line_breaks_markup_and_10_000_signs_make_a_plain_mail():
    own = desk()
    contact(own, name="x")
    Contact.objects.of(own).update(name=EVIL[:300].replace("\x00", ""))
    message = written(own)
    assert len(message.subject) <= 200
    assert message.subject.startswith(
        "Missed: first contact for Jan Bcc: all@example.com <script>alert(1)</script> gro.live"
    )
    mail = mailed(message, {"sender": "sla@desk.example"}, NOW)
    assert isinstance(mail, EmailMessage)
    assert mail["Bcc"] is None
    assert "<script>" not in message.html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in message.html
    assert "\u202e" not in message.subject + message.text + message.html


def test_a_promise_and_a_lead_of_10_000_signs_are_cut():
    own = desk()
    message = written(own, {"promise": EVIL, "owner": "ana"})
    assert len(message.subject) <= 200
    assert len(message.text) < 1_000
    assert isinstance(mailed(message, {"sender": "sla@desk.example"}, NOW), EmailMessage)


def test_per_cent_signs_and_braces_of_names_are_only_text():
    own = desk()
    contact(own, name="100 %(name)s {0} %d")
    assert written(own).subject == "Missed: first contact for 100 %(name)s {0} %d"


def test_links_hold_whatever_a_key_holds():
    message = written(desk(), {"lead": "a/b ?&<>é"})
    assert "http://127.0.0.1:8000/leads/a%2Fb%20%3F%26%3C%3E%C3%A9\n" in message.text
    assert '<a href="http://127.0.0.1:8000/leads/a%2Fb%20%3F%26%3C%3E%C3%A9">' in message.html


def test_several_notices_name_each_lead_and_count_leads_once():
    own = desk()
    contact(own)
    message = written(own, {}, {"kind": "corrected"}, {"lead": "L-2"})
    assert message.subject == "Northwind: 2 leads need you"
    assert message.type == "sla.several"
    assert [line for line in message.text.splitlines() if ": first" in line] == [
        "Missed: first contact for Jan Nowak",
        "Corrected: first contact for Jan Nowak",
        "Missed: first contact for L-2",
    ]
    assert message.html.count("<strong>") == 3


def test_another_workspaces_contacts_and_people_lend_no_names():
    own, other = desk(), workspace()
    contact(other, name="Somebody else")
    person(other, "ben", name="Another Ben")
    message = written(own, {"owner": "ben", "to": "ana"})
    assert message.subject == "Missed: first contact for L-1"
    assert "Owner: ben\n" in message.text
