"""Nurture mail reaches a real server: once, in the receiver's language, when the agreement lets it."""

import contextlib
import json
import socket

import pytest

from leaddesk.book import mailings, moment, offers
from leaddesk.book.mailings import ToMail
from leaddesk.book.models import (
    Contact,
    Enrolment,
    Fact,
    Installation,
    Lead,
    Mailing,
    Offer,
)
from leaddesk.book.moment import DAY, MINUTE
from leaddesk.book.refusal import Refused
from leaddesk.book.tables import columns
from leaddesk.book.troubles import troubles
from leaddesk.post import nurture_mail
from leaddesk.post.exchange import Reach
from leaddesk.post.release import release
from leadpact.facts import CODES
from tests.leaddesk.letters import channel
from tests.leaddesk.nurturing import (
    HERE,
    NOW,
    TEXTS,
    admin,
    nurturing,
    offer,
    opened,
    post_office,
    queue,
    send,
    states,
)

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_mail_has_both_parts_a_foot_and_the_headers_by_which_a_program_unsubscribes(settings):
    settings.BASE_URL = "https://desk.example"
    own = nurturing(mail_from="Mia of Northwind <mia@northwind.example>")
    row = queue(own)
    with post_office(own) as box:
        send()
    (mail,) = opened(box)
    url = f"https://desk.example/u/{row.token}"
    assert {name: str(mail[name]) for name in ("From", "To", "Reply-To", "Subject")} == {
        "From": "Mia of Northwind <mia@northwind.example>",
        "To": "noor@example.com",
        "Reply-To": "mia@northwind.example",
        "Subject": "A guide for you",
    }
    assert mail["List-Unsubscribe"] == f"<{url}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Message-ID"] == row.message_id
    assert mail["Message-ID"].endswith("@desk.example>")
    assert mail["Content-Language"] == "en"
    text = mail.get_body(("plain",)).get_content().replace("\r\n", "\n")
    assert text == (
        "Hello Noor,\n\nread https://northwind.example/guide\n\n-- \n"
        "You get this mail because you showed interest in Northwind.\n"
        f"Get no more of these mails: {url}\n"
        "Northwind, 1 Quay, Warsaw\n"
    )
    html = mail.get_body(("html",)).get_content()
    assert '<a href="https://northwind.example/guide">' in html
    assert f'<a href="{url}">' in html
    assert "<img" not in html
    assert states(own) == [("sent", "")]


def test_that_it_was_sent_stands_in_the_story_of_the_lead_once():
    own = nurturing()
    queue(own)
    with post_office(own) as box:
        send()
        send(NOW + 1)
    assert len(box.mails) == 1
    assert [(one["track"], one["step"]) for one in steps(own)] == [("re-engage", "guide")]


def test_each_gets_the_mail_in_their_language_whichever_way_it_runs():
    own = nurturing(language="fr")
    texts = {
        "fr": {
            "subject": "Le guide d’été pour {company|vous}",
            "text": "Bonjour {first name|à vous} !",
        },
        "fa": {
            "subject": "راهنمای {company|شما}",
            "text": "سلام {first name|دوست گرامی}،\n\nhttps://northwind.example/fa",
        },
        "th": {"subject": "คู่มือสำหรับ {company|คุณ}", "text": "สวัสดี {first name|ท่าน}"},
    }
    Offer.objects.of(own).filter(key="guide").update(texts=texts)
    for lead, language, name in (
        ("L-fa", "fa", "نور احمدی"),
        ("L-th", "th", "ณัฐ ใจดี"),
        ("L-pt", "pt-br", "Nuno Reis"),
    ):
        queue(own, lead, name=name, language=language, email=f"{lead}@example.com")
    with post_office(own) as box:
        send()
    found = {str(mail["To"]).lower(): mail for mail in opened(box)}
    fa, th, fr = (found[f"l-{code}@example.com"] for code in ("fa", "th", "pt"))
    assert [str(one["Content-Language"]) for one in (fa, th, fr)] == ["fa", "th", "fr"]
    assert [str(one["Subject"]) for one in (fa, th, fr)] == [
        "راهنمای شما",
        "คู่มือสำหรับ คุณ",
        "Le guide d’été pour vous",
    ]
    assert part(fa, "plain").startswith("سلام نور،\n\nhttps://northwind.example/fa\n")
    assert part(th, "plain").startswith("สวัสดี ณัฐ\n")
    assert part(fr, "plain").startswith("Bonjour Nuno !\n")
    assert '<html lang="fa" dir="rtl">' in part(fa, "html")
    assert '<html lang="th" dir="ltr">' in part(th, "html")


HOSTILE = "Eve\r\nBcc: all@example.com\n\u202egnp.exe\u2066 <b onclick='x()'>{unsubscribe}{{name}}</b> https://evil.example/ "


def test_a_hostile_name_reaches_neither_headers_nor_markup_and_is_never_filled_in_again():
    own = nurturing()
    text = {"subject": "For {name}", "text": "Hello {name}, from {owner}."}
    Offer.objects.of(own).filter(key="guide").update(texts={"en": text})
    row = queue(own, name=(HOSTILE + "x" * 10_000)[:300])
    Contact.objects.of(own).update(language="en")
    with post_office(own) as box:
        send()
    (mail,) = opened(box)
    assert mail["Bcc"] is None
    assert sorted(mail.keys()) == sorted(
        [
            *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted"),
            *("X-Auto-Response-Suppress", "MIME-Version", "Content-Type", "Content-Language"),
            *("List-Unsubscribe", "List-Unsubscribe-Post"),
        ]
    )
    subject, html, plain = str(mail["Subject"]), part(mail, "html"), part(mail, "plain")
    for said in (subject, html, plain):
        assert not {"\u202e", "\u2066", "\r", "\x00"} & {*said}
        assert "{unsubscribe}{{name}}" in said
    assert len(subject) < 140
    assert "onclick" in html
    assert "<b " not in html
    assert 'href="https://evil.example' not in html
    assert html.count(f"/u/{row.token}") == 2  # the link in the foot and its words


def part(mail, kind):
    return mail.get_body((kind,)).get_content().replace("\r\n", "\n")


# ------------------------------------------------------------ who gets nothing


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"mail_consent": "no"}, mailings.NO_CONSENT),
        ({"email": ""}, mailings.NO_ADDRESS),
        ({"erased_at": 1}, mailings.ERASED),
    ],
)
def test_a_mail_is_left_out_for_what_is_known_of_the_person_when_it_would_go(change, why):
    own = nurturing()
    queue(own)
    Contact.objects.of(own).update(**change)
    with post_office(own) as box:
        send()
    assert box.mails == []
    assert states(own) == [("left out", why)]
    assert [one["why"] for one in steps(own)] == [why]  # the track goes on


@pytest.mark.parametrize(
    ("change", "why"), [({"is_paused": True}, "paused"), ({"left_at": 2}, "left")]
)
def test_a_mail_of_a_lead_that_sales_works_on_or_that_left_is_left_out(change, why):
    own = nurturing()
    queue(own)
    Enrolment.objects.of(own).update(**change)
    with post_office(own) as box:
        send()
        assert box.mails == []
        assert states(own) == [
            ("left out", {"paused": mailings.PAUSED, "left": mailings.LEFT}[why])
        ]
        assert steps(own) == []
        Enrolment.objects.of(own).update(is_paused=False, left_at=None)
        mailings.queue(own.pk, [ToMail("L-1", "re-engage", 0, "guide", "e-L-1", NOW)], NOW)
        send()
    assert len(box.mails) == 1  # it was over soon, or taken back


def test_a_lead_that_is_disqualified_gets_no_mail():
    own = nurturing()
    queue(own)
    Lead.objects.of(own).update(standing="disqualified")
    with post_office(own) as box:
        send()
    assert (box.mails, states(own)) == ([], [("left out", mailings.LEFT)])


def test_one_person_in_two_leads_gets_an_offer_once_in_a_week():
    own = nurturing()
    queue(own)
    queue(own, "L-2")
    queue(own, "L-3", when=NOW + 7 * DAY)
    with post_office(own) as box:
        send()
        send(NOW + 7 * DAY)
    assert len(box.mails) == 2
    assert states(own) == [("sent", ""), ("left out", mailings.HAD_IT), ("sent", "")]


def test_a_mail_without_text_is_left_out_and_stands_among_the_problems():
    own = nurturing()
    queue(own, key="offer")
    with post_office(own) as box:
        send()
    assert (box.mails, states(own)) == ([], [("left out", mailings.NO_TEXT)])
    with moment.standing_at(NOW):
        (found,) = troubles(admin(own)).mails
    assert (found.offer, found.why, found.count) == ("offer", mailings.NO_TEXT, 1)


@pytest.mark.parametrize(
    ("fields", "why"), [({}, mailings.NO_CHANNEL), ({"postal_address": ""}, mailings.NO_POSTAL)]
)
def test_without_a_channel_or_a_postal_address_mails_wait(fields, why):
    own = nurturing(**fields)
    queue(own)
    with contextlib.ExitStack() as stack:
        if fields:
            stack.enter_context(post_office(own))
        send()
        assert states(own) == [("waiting", why)]
        own.postal_address = "1 Quay"
        own.save()
        box = stack.enter_context(post_office(own, key="second")) if not fields else None
        send(NOW + mailings.LATER)
    assert states(own) == [("sent", "")]
    assert box is None or len(box.mails) == 1


def test_nothing_is_sent_where_nurture_is_switched_off_or_sending_is_held():
    own = nurturing(nurtures_since=None)
    queue(own)
    with post_office(own) as box:
        assert send() == 0
        own.nurtures_since = 1
        own.save()
        Installation.objects.update_or_create(pk=1, defaults={"created_at": 1, "held_since": 1})
        assert send() == 0
        Installation.objects.update(held_since=None)
        send()
    assert len(box.mails) == 1


def test_what_a_restored_backup_had_queued_is_dropped_with_everything_else():
    own = nurturing()
    queue(own)
    queue(own, "L-2", when=NOW + MINUTE, email="two@example.com")
    Installation.objects.update_or_create(pk=1, defaults={"created_at": 1, "held_since": 1})
    release(NOW, drop=True)
    with post_office(own) as box:
        send(NOW + MINUTE)
    assert [str(mail["To"]) for mail in opened(box)] == ["two@example.com"]
    assert states(own) == [("left out", mailings.RESTORED), ("sent", "")]


def test_the_token_of_a_mail_never_leaves_in_an_export():
    names = {column.name for column in columns(Mailing)}
    assert "message_id" in names
    assert "token" not in names


# -------------------------------------------------------------------- once


def test_two_workers_send_each_mail_once():
    own = nurturing("{at most: 1 per day}")
    offer(own, "other", TEXTS)
    for n in range(6):
        queue(own, f"L-{n}", key=("guide", "other")[n // 3], email=f"p{n % 3}@example.com")
    with post_office(own) as box:
        mailers = [nurture_mail.Mailer(HERE) for _n in range(2)]
        for _turn in range(4):
            for mailer in mailers:
                mailer.step(NOW)
        for mailer in mailers:
            mailer.finish(NOW, 5)
    assert sorted(str(mail["To"]) for mail in opened(box)) == [
        f"p{n}@example.com" for n in range(3)
    ]
    assert len(steps(own)) == 3


def test_a_crash_after_sending_sends_the_very_same_message_id_again():
    own = nurturing()
    row = queue(own)
    with post_office(own) as box:
        dying = nurture_mail.Mailer(HERE)
        dying.step(NOW)
        dying.wait(5)
        dying.close()
        assert states(own) == [("waiting", "")]
        send(NOW + mailings.LEASE - 1)
        assert len(box.mails) == 1
        send(NOW + mailings.LEASE)
    first, again = opened(box)
    assert first["Message-ID"] == again["Message-ID"] == row.message_id
    assert states(own) == [("sent", "")]
    assert len(steps(own)) == 1


def test_a_step_is_queued_once_and_under_the_same_message_id():
    own = nurturing()
    row = queue(own)
    assert queue(own).pk == row.pk
    Mailing.objects.of(own).all().delete()
    assert queue(own).message_id == row.message_id


def test_a_server_that_hangs_delays_no_other_workspace():
    slow, own = nurturing(), nurturing()
    for n in range(9):
        queue(slow, f"L-{n}", email=f"p{n}@example.com")
    queue(own)
    hanging = socket.create_server(("127.0.0.1", 0))
    plain = {"host": "127.0.0.1", "port": hanging.getsockname()[1], "security": "none"}
    channel(slow, settings=plain | {"sender": "a@desk.example"})
    with post_office(own) as box, hanging:
        mailer = nurture_mail.Mailer(Reach(allow=("127.0.0.1",), seconds=0.3))
        mailer.step(NOW)
        while mailer.is_busy() and not box.mails:
            mailer.wait(1)
            mailer.step(NOW)
        assert len(mailer.under_way) == nurture_mail.MOST_OF_A_WORKSPACE
        mailer.finish(NOW, 5)
    assert len(box.mails) == 1


def steps(own):
    """What the stories say of steps."""
    found = Fact.objects.of(own).filter(kind=CODES["enrolled"]).order_by("pk")
    return [json.loads(row.body) for row in found]


def test_a_subject_with_a_line_break_is_a_problem_that_says_so():
    with pytest.raises(Refused) as refusal:
        offers.taken("guide", {"en": {"subject": "A\nBcc: all@example.com", "text": "T"}})
    (found,) = refusal.value.problems
    assert (found.path, "line break" in found.problem) == ("en.subject", True)
    kept = offers.taken("guide", {"en": {"subject": " A  guide ", "text": "T"}})
    assert kept == {"en": {"subject": "A guide", "text": "T"}}
