"""Nurture mail reaches a real server: once, in the receiver's language, when the agreement lets it."""

import pytest

from leaddesk.book.models import Fact
from tests.leaddesk.nurturing import NOW, nurturing, opened, post_office, queue, send, states

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
    (told,) = Fact.objects.of(own).filter(kind="enrolled")
    assert '"track": "re-engage"' in told.body and '"step": "guide"' in told.body
