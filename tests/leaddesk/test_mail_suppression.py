"""An address that must not be mailed isn't, whatever comes; and what makes it one."""

import hashlib

import pytest

from leaddesk.book import mailings, suppressions
from leaddesk.book.contacts import create_contact
from leaddesk.book.erase import erase_contact
from leaddesk.book.models import (
    Channel,
    Mailing,
    Suppression,
)
from leaddesk.book.moment import MINUTE, SECOND
from tests.leaddesk.desk import workspace
from tests.leaddesk.nurturing import (
    NOW,
    admin,
    nurturing,
    post_office,
    queue,
    send,
    states,
)

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_address_that_must_not_be_mailed_isnt_whatever_is_queued_erased_or_imported_again():
    own = nurturing()
    suppressions.suppress(
        own.pk, "Noor@EXAMPLE.com", suppressions.UNSUBSCRIBED, now=NOW, source="mail"
    )
    queue(own)
    erase_contact(admin(own), "L-1", NOW)
    assert Suppression.objects.of(own).get().address == ""
    create_contact(
        admin(own), "L-2", {"name": "N", "email": "noor@example.com", "mail_consent": "yes"}, NOW
    )
    queue(own, "L-2", email=" noor@example.com", mail_consent="yes")
    with post_office(own) as box:
        send()
    assert box.mails == []
    assert states(own) == [("left out", mailings.ERASED), ("left out", mailings.SUPPRESSED)]
    assert suppressions.suppressed(own.pk, ["noor@example.com", "ana@example.com"]) == {
        "noor@example.com"
    }
    assert not suppressions.is_suppressed(workspace().pk, "noor@example.com")


def test_the_list_is_known_again_under_another_secret_key(settings):
    own = workspace()
    suppressions.suppress(own.pk, "a@b.example", suppressions.BY_HAND, now=NOW)
    settings.SECRET_KEY = "another one"
    assert suppressions.is_suppressed(own.pk, "A@B.example")
    digest = Suppression.objects.of(own).get().digest
    assert digest != hashlib.sha256(b"a@b.example").hexdigest()


def test_an_address_that_the_server_refuses_is_never_tried_again_and_one_that_is_full_is():
    own = nurturing()
    queue(own)
    with post_office(own, rcpt="550 5.1.1 no such user"):
        send()
    assert states(own) == [("failed", mailings.BOUNCED)]
    assert Suppression.objects.of(own).get().reason == suppressions.BOUNCED
    queue(own, "L-2", email="full@example.com")
    Channel.objects.of(own).all().delete()
    with post_office(own, rcpt="452 4.2.2 mailbox full"):
        send()
    row = Mailing.objects.of(own).get(lead="L-2")
    assert (row.state, row.tries, row.try_at) == ("waiting", 1, NOW + 5 * SECOND)
    Channel.objects.of(own).all().delete()
    with post_office(own, rcpt="550 5.7.1 we don't like you"):
        send(NOW + MINUTE)
    assert states(own)[1] == ("failed", mailings.NOT_TAKEN)
    assert not suppressions.is_suppressed(own.pk, "full@example.com")


@pytest.mark.parametrize(
    ("answer", "is_of_address"),
    [
        ("550 5.1.1 <noor@example.com> unknown", True),
        ("550 5.1.10 null MX", True),
        ("550 5.2.1 mailbox disabled", True),
        ("550 relay not permitted", False),
        ("550 SPF check failed", False),
        ("550 5.0.0 no", False),
        ("550 5.2.10 no", False),
        ("553 5.1.8 <desk@desk.example> sender unknown", False),
        ("554 5.7.1 <noor@example.com> spam", False),
    ],
)
def test_only_what_a_server_says_of_the_address_ends_all_mail_to_it(answer, is_of_address, caplog):
    own = nurturing()
    queue(own)
    with post_office(own, rcpt=answer):
        send()
    why = mailings.BOUNCED if is_of_address else mailings.NOT_TAKEN
    assert states(own) == [("failed", why)]
    assert suppressions.is_suppressed(own.pk, "noor@example.com") == is_of_address
    assert "noor@example.com" not in caplog.text
    assert is_of_address or f"was refused: {answer[:3]}" in caplog.text
