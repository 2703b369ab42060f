"""Mail that comes back: bounces and complaints, as mail servers and services tell of them."""

import json

import pytest
import typer
from typer.testing import CliRunner

from leaddesk.book import mail_events, moment, suppressions
from leaddesk.cli import mail
from leaddesk.post.returned_mail import Event, event_of
from tests.leaddesk.asking import Caller, problem
from tests.leaddesk.desk import workspace
from tests.leaddesk.nurturing import NOW, nurturing, post_office, queue, send

MESSAGE_ID = "<nurture.0123456789@desk.example>"


def dsn(status, action="failed", original=f"Message-ID: {MESSAGE_ID}\n", kind="message/rfc822"):
    return f"""From: MAILER-DAEMON@mx.example
To: desk@desk.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Type: text/plain

It could not be delivered.

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; noor@example.com
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {status} told

--b1
Content-Type: {kind}

{original}Subject: A guide

Hello
--b1--
""".encode()


ARF = f"""From: fbl@provider.example
To: desk@desk.example
Subject: FW: A guide
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b1"

--b1
Content-Type: text/plain

This is a spam report.

--b1
Content-Type: message/feedback-report

Feedback-Type: %s
User-Agent: Provider/1.0
Version: 1

--b1
Content-Type: message/rfc822

Message-ID: {MESSAGE_ID}
Subject: A guide

Hello
--b1--
"""


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        (dsn("5.1.1"), mail_events.HARD),
        (dsn("5.1.10"), mail_events.HARD),
        (dsn("5.2.1"), mail_events.HARD),
        (dsn("5.1.1", kind="text/rfc822-headers"), mail_events.HARD),
        (dsn("5.2.2"), mail_events.SOFT),
        (dsn("5.7.1"), mail_events.SOFT),
        (dsn("4.4.7"), mail_events.SOFT),
        (dsn("5.1.1").replace(b"\n", b"\r\n"), mail_events.HARD),
        ((ARF % "abuse").encode(), mail_events.COMPLAINT),
    ],
)
def test_a_report_tells_what_became_of_which_mail(message, kind):
    assert event_of(message) == Event(MESSAGE_ID, kind)


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"\x00\xff\xfe",
        b"From: noor@example.com\nSubject: On holiday\nAuto-Submitted: auto-replied\n\nBack soon.",
        dsn("4.2.0", action="delayed"),
        dsn("2.0.0", action="delivered"),
        dsn("5.1.1", original=""),
        dsn("5.1.1")[:400],
        (ARF % "not-spam").encode(),
        b"Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n"
        * 50,
    ],
)
def test_whatever_else_comes_says_nothing(message):
    assert event_of(message) is None


# ---------------------------------------------------------------- in the desk


@pytest.fixture
def mailed(db):
    own = nurturing()
    row = queue(own)
    with post_office(own), moment.standing_at(NOW):
        send()
    row.refresh_from_db()
    return own, row


@pytest.mark.django_db(transaction=True)
def test_the_command_takes_a_bounce_from_its_input_and_the_address_is_never_mailed_again(
    mailed, monkeypatch
):
    own, row = mailed
    app = typer.Typer()
    for function in mail.COMMANDS:
        app.command()(function)
    report = dsn("5.1.1").replace(MESSAGE_ID.encode(), row.message_id.encode())
    for _twice in range(2):
        ended = CliRunner().invoke(app, input=report, catch_exceptions=False)
        assert ended.exit_code == 0
    row.refresh_from_db()
    assert row.bounced_at is not None
    assert suppressions.is_suppressed(own.pk, "noor@example.com")
    assert (
        suppressions.reasons(own.pk, ["noor@example.com"])["noor@example.com"].reason == "bounced"
    )
    assert CliRunner().invoke(app, input=b"no report").exit_code == 0


@pytest.mark.django_db(transaction=True)
def test_a_program_tells_of_bounces_and_complaints_of_its_own_workspace(mailed):
    own, row = mailed
    with moment.standing_at(NOW):
        caller, stranger = Caller(own), Caller(workspace())
        told = {"message_id": row.message_id, "kind": "bounced for now"}
        assert caller.post("/mail-events", told).json()["soft_bounces"] == 1
        assert not suppressions.is_suppressed(own.pk, "noor@example.com")
        assert problem(stranger.post("/mail-events", told)) == (404, "not-found")
        answer = caller.post("/mail-events", told | {"kind": "complained"})
        assert answer.json()["complained_at"] == "2026-03-12T09:00:00Z"
        assert problem(caller.post("/mail-events", told | {"kind": "lost"})) == (422, "invalid")
        (found,) = caller.get("/suppressions").json()["data"]
        assert (found["reason"], found["address"]) == ("complained", "noor@example.com")
        (mailing,) = caller.get("/mailings", query="?state=sent").json()["data"]
        assert (mailing["lead"], mailing["message_id"]) == ("L-1", row.message_id)
        assert "token" not in json.dumps(mailing)


@pytest.mark.django_db(transaction=True)
def test_an_administrator_lets_an_address_be_mailed_again_for_a_reason(mailed):
    own, _row = mailed
    with moment.standing_at(NOW):
        caller = Caller(own)
        added = {"address": "Noor@Example.com", "why": "asked on the phone"}
        key = caller.post("/suppressions", added).json()["key"]
        assert caller.post("/suppressions", added).json()["key"] == key
        found = caller.get("/suppressions", query="?address=noor@EXAMPLE.com").json()["data"]
        assert [one["key"] for one in found] == [key]
        assert problem(caller.ask("delete", f"/suppressions/{key}")) == (422, "invalid")
        assert (
            caller.ask("delete", f"/suppressions/{key}", query="?why=a+mistake").status_code == 204
        )
        assert not suppressions.is_suppressed(own.pk, "noor@example.com")
        assert problem(caller.post("/suppressions", {"address": "no", "why": "x"})) == (
            422,
            "invalid",
        )
