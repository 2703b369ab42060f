import contextlib
import socket
import socketserver
import time
from dataclasses import replace
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.utils import parseaddr, parsedate_to_datetime

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from hypothesis import given
from hypothesis import strategies as st

from leaddesk.post.channels.email import Email, mailed
from leaddesk.post.exchange import Reach
from leaddesk.post.message import Message, Refused, Retry, Sent
from tests.leaddesk.receivers import dripped, listening, serving, trusting

NOW = 1_773_662_400_000_000  # 2026-03-16 12:00 UTC
LATE = Message(
    key="dlv_1",
    type="promise.broken",
    at=NOW,
    to="ana@example.com",
    subject="First contact is late",
    text="Acme waits since 11:00 (Warsaw).",
    html="<p>Acme waits</p>",
    data={},
    lead="L-1",
    sent_before=None,
)
SETTINGS = {"host": "127.0.0.1", "security": "none", "sender": "sla@desk.example"}


class Mailbox:
    """Takes every mail, or says the words it was told to say at a step."""

    def __init__(self, **said):
        self.mails = []
        self.envelopes = []
        self.said = said

    async def handle_MAIL(self, _server, _session, envelope, address, _options):  # noqa: N802 (aiosmtpd)
        envelope.mail_from = address
        return self.said.get("mail", "250 OK")

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802 (aiosmtpd)
        envelope.rcpt_tos.append(address)
        return self.said.get("rcpt", "250 OK")

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 (aiosmtpd)
        self.envelopes.append((envelope.mail_from, envelope.rcpt_tos))
        self.mails.append(envelope.content)
        return self.said.get("data", "250 OK queued as 42")


@contextlib.contextmanager
def server(box, **options):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


def send(port, message=LATE, *, secrets=None, now=NOW, seconds=5, **settings):
    channel = Email(Reach(seconds=seconds, trust=trusting()))
    return channel.send(message, {**SETTINGS, "port": port, **settings}, secrets or {}, now)


def arrived(message=LATE, **settings):
    box = Mailbox()
    with server(box) as port:
        outcome = send(port, message, **settings)
    assert isinstance(outcome, Sent), outcome
    (mail,) = box.mails
    return message_from_bytes(mail, policy=policy.default)


def test_a_mail_has_text_html_and_the_headers_of_an_automatic_message():
    mail = arrived(sender_name="Northwind SLA", reply_to="mia@example.com")
    headers = {name: str(value) for name, value in mail.items()}
    assert headers["From"] == "Northwind SLA <sla@desk.example>"
    assert headers["To"] == "ana@example.com"
    assert headers["Reply-To"] == "mia@example.com"
    assert headers["Subject"] == "First contact is late"
    assert headers["Auto-Submitted"] == "auto-generated"
    assert parsedate_to_datetime(headers["Date"]).isoformat() == "2026-03-16T12:00:00+00:00"
    assert mail.get_content_type() == "multipart/alternative"
    assert mail.get_body(("plain",)).get_content().strip() == LATE.text
    assert mail.get_body(("html",)).get_content().strip() == LATE.html


def test_without_html_a_mail_is_plain_text():
    assert arrived(replace(LATE, html=None)).get_content_type() == "text/plain"


def test_a_second_attempt_has_the_same_message_id_and_another_message_has_not():
    first, again = arrived(), arrived(now=NOW + 60_000_000)
    other = arrived(replace(LATE, key="dlv_2"))
    assert first["Message-ID"] == again["Message-ID"] != other["Message-ID"]
    assert first["Message-ID"].endswith("@desk.example>")
    assert first["Date"] != again["Date"]
    assert first["References"] == other["References"]  # one thread a lead
    assert arrived(domain="sla.example")["Message-ID"].endswith("@sla.example>")
    assert arrived(replace(LATE, lead=None))["References"] is None


def test_the_outcome_names_the_message_and_the_servers_answer():
    with server(Mailbox()) as port:
        outcome = send(port)
    assert outcome.reference.endswith("@desk.example>")
    assert outcome.answer == "250 OK queued as 42"


@pytest.mark.parametrize(
    "subject",
    [
        "การติดต่อครั้งแรกกับบริษัทสยามการค้าจำกัดล่าช้ากว่ากำหนดสองชั่วโมงทำงานแล้ว " * 3,
        "نخستین تماس با شرکت آسمان دیر شده است؛ می\u200cتوانید همین حالا زنگ بزنید " * 3,
        "Plain words " * 30 + "é",
        '=?utf-8?q?not_a_word?= and, more: "quotes" <x@y>',
        "😀" * 60,
    ],
)
def test_a_subject_in_any_script_arrives_as_it_was_written(subject):
    subject = subject.strip()
    mail = arrived(replace(LATE, subject=subject, text=subject))
    assert mail["Subject"] == subject
    assert mail.get_body(("plain",)).get_content().split() == subject.split()


@given(
    st.text(st.characters(codec="utf-8", categories=["L", "M", "N", "P", "S", "Zs"]), max_size=200)
)
def test_any_subject_survives_its_own_header(subject):
    mail = mailed(replace(LATE, subject=subject), SETTINGS, NOW)
    raw = mail.as_bytes()
    head, _blank, _body = raw.partition(b"\r\n\r\n")
    assert raw.isascii()
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    names = [line.partition(b":")[0] for line in head.split(b"\r\n") if line[:1] not in b" \t"]
    assert names == [
        b"From", b"To", b"Subject", b"Date", b"Message-ID", b"References", b"Auto-Submitted",
        b"X-Auto-Response-Suppress", b"MIME-Version", b"Content-Type",
    ]  # fmt: skip
    said = message_from_bytes(raw, policy=policy.default)["Subject"]
    assert said.split() == subject.split()


@given(
    st.text(st.characters(codec="utf-8", categories=["L", "M", "N", "P", "S", "Zs"]), max_size=90)
)
def test_any_name_of_the_sender_survives_its_own_header(name):
    mail = mailed(LATE, {**SETTINGS, "sender_name": name}, NOW)
    # The newer parser puts a blank between two encoded words, against RFC 2047; the older doesn't.
    said, address = parseaddr(message_from_bytes(mail.as_bytes())["From"].replace("\r\n", ""))
    assert address == "sla@desk.example"
    assert str(make_header(decode_header(said))).split() == name.split()


@given(st.text(max_size=300))
def test_any_text_makes_a_mail_and_no_line_of_it_becomes_a_header(text):
    mail = mailed(replace(LATE, text=text, html=text), SETTINGS, NOW)
    raw = mail.as_bytes()
    assert raw.isascii()
    assert message_from_bytes(raw, policy=policy.default).keys() == mail.keys()


@pytest.mark.parametrize(
    "sign", ["\r\n", "\n", "\r", "\0", "\v", "\f", "\x1c", "\x85", "\u2028", "\u2029"]
)
def test_a_line_break_in_a_header_is_refused_and_nothing_leaves(sign):
    box = Mailbox()
    evil = f"x{sign}Bcc: eve@evil.example"
    with server(box) as port:
        for message in (replace(LATE, subject=evil), replace(LATE, to=evil)):
            assert send(port, message) == Refused(
                "A line break or control sign stands in the subject or address."
            )
    assert box.envelopes == []


@pytest.mark.parametrize(
    "to",
    [
        "", "ana", "@example.com", "ana@", "ana@example.com, eve@evil.example", "ana@x@evil.example",
        "Ana <ana@example.com>", "ana@example.com>", "a b@example.com", '"a b"@example.com',
        "ana@exa mple.com", "ana@example.com;eve@evil.example", "ana@" + "a" * 64 + ".example", "ana@a..b",
    ],
)  # fmt: skip
def test_what_is_no_single_address_is_refused(to):
    assert send(1, replace(LATE, to=to)) == Refused(f"This is no e-mail address: {to}")


def test_marks_that_turn_the_direction_are_taken_out_of_headers():
    mail = arrived(
        replace(LATE, subject="Invoice \u202egnp.exe\u202c \u2066a\u2069 می\u200cتوان"),
        sender_name="\u202eNorthwind",
    )
    assert mail["Subject"] == "Invoice gnp.exe a می\u200cتوان"
    assert mail["From"] == "Northwind <sla@desk.example>"


def test_half_characters_and_controls_dont_stop_a_mail():
    mail = arrived(replace(LATE, subject="a\ud800b", text="c\ud800d\0e\x1b", html=None))
    assert mail["Subject"] == "a?b"
    assert mail.get_content().strip() == "c?de"


def test_an_international_domain_goes_in_its_ascii_form():
    box = Mailbox()
    with server(box) as port:
        send(port, replace(LATE, to="ana@bücher.example"))
    assert box.envelopes == [("sla@desk.example", ["ana@xn--bcher-kva.example"])]


def test_an_international_address_goes_where_the_server_takes_it_and_is_refused_elsewhere():
    box = Mailbox()
    with server(box, enable_SMTPUTF8=True) as port:
        assert isinstance(send(port, replace(LATE, to="สมชาย@example.com")), Sent)
    assert box.envelopes == [("sla@desk.example", ["สมชาย@example.com"])]
    with server(box, enable_SMTPUTF8=False) as port:
        assert isinstance(send(port, replace(LATE, to="สมชาย@example.com")), Refused)


@pytest.mark.parametrize("step", ["mail", "rcpt", "data"])
@pytest.mark.parametrize(
    "said, kind",
    [
        ("421 closing", Retry),
        ("450 greylisted, come again", Retry),
        ("452 mailbox full", Retry),
        ("550 no such person", Refused),
        ("552 too large", Refused),
        ("554 spam", Refused),
        ("530 sign in first", Retry),
    ],
)
def test_each_answer_means_one_thing_at_each_step(step, said, kind):
    box = Mailbox(**{step: said})
    with server(box) as port:
        outcome = send(port)
    assert type(outcome) is kind
    assert outcome.why.endswith(said)


def test_a_mail_goes_encrypted_where_the_settings_say_so():
    for box, security, options in (
        (Mailbox(), "starttls", {"tls_context": serving(), "require_starttls": True}),
        (Mailbox(), "tls", {"ssl_context": serving()}),
    ):
        with server(box, **options) as port:
            assert isinstance(send(port, security=security), Sent)
        assert len(box.mails) == 1


def test_nothing_goes_in_the_clear_when_the_server_offers_no_encryption():
    box = Mailbox()
    with server(box) as port:
        assert isinstance(send(port, security="starttls"), Retry)
        assert isinstance(send(port, security="tls"), Retry)
    assert box.envelopes == []


def test_a_certificate_of_another_name_is_not_believed():
    box = Mailbox()
    with server(box, tls_context=serving()) as port:
        channel = Email(Reach(seconds=5))
        outcome = channel.send(LATE, {**SETTINGS, "port": port, "security": "starttls"}, {}, NOW)
    assert isinstance(outcome, Retry)
    assert "certificate" in outcome.why
    assert box.envelopes == []


def knows(_server, _session, _envelope, _mechanism, data):
    return AuthResult(success=(data.login, data.password) == (b"sla", b"right"), handled=False)


@pytest.mark.parametrize("password, kind", [("right", Sent), ("wrong", Retry), ("ใช่", Retry)])
def test_the_server_may_ask_who_sends(password, kind):
    box = Mailbox()
    options = {"tls_context": serving(), "authenticator": knows, "auth_required": True}
    with server(box, **options) as port:
        outcome = send(port, secrets={"password": password}, user="sla", security="starttls")
    assert type(outcome) is kind
    assert password not in str(outcome)
    assert len(box.mails) == (kind is Sent)


def playing(*said):
    """A server of few words: it sends one piece and waits for one line, in turns."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            for pieces in said:
                for piece in [pieces] if isinstance(pieces, bytes) else pieces():
                    self.wfile.write(piece)
                self.rfile.readline()

    return listening(Handler)


TAKEN = (b"220 hi\r\n", b"250 hi\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n")


def outcome_of(*said, seconds=0.3):
    with playing(*said) as port:
        began = time.monotonic()
        return send(port, seconds=seconds), time.monotonic() - began


@pytest.mark.parametrize(
    "said",
    [
        (b"",),
        (b"220 hi\r\n", b""),
        (b"220 hi\r\n", b"250 hi\r\n", b""),
        (lambda: dripped(b"220-wait\r\n" * 99, 0.2),),
        (b"220 hi\r\n", lambda: dripped(b"250-SIZE\r\n" * 99, 0.2)),
    ],
    ids=["silent", "silent after its greeting", "silent at the sender", "drips", "drips later"],
)
def test_a_slow_server_is_left_when_the_time_is_over(said):
    outcome, seconds = outcome_of(*said)
    assert isinstance(outcome, Retry)
    assert seconds < 3


@pytest.mark.parametrize(
    "said",
    [
        (b"554 go away\r\n",),
        (b"421 busy\r\n",),
        (b"220 hi\r\n", b"502 what\r\n", b"502 what\r\n"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n",),
        (b"\xff\xfe\0\r\n",),
        (b"2" * 99_999,),
        TAKEN[:2],
        TAKEN[:4],
        TAKEN,
    ],
)
def test_a_server_that_breaks_off_or_babbles_is_tried_again(said):
    outcome, _seconds = outcome_of(*said, seconds=2)
    assert isinstance(outcome, Retry)


def test_a_closed_port_is_tried_again():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    outcome = send(port)
    assert isinstance(outcome, Retry)
    assert outcome.why.startswith("The mail server can't be reached: ")


def test_a_mail_that_was_taken_stays_sent_whatever_happens_to_the_goodbye():
    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            for said in TAKEN:
                self.wfile.write(said)
                self.rfile.readline()
            while self.rfile.readline() != b".\r\n":
                pass
            self.wfile.write(b"250 queued as 7\r\n")

    with listening(Handler) as port:
        outcome = send(port)
    assert outcome.answer == "250 queued as 7"


def test_problems_come_together_before_anything_is_saved():
    channel = Email(Reach())
    assert channel.problems({"host": "mail.example", "sender": "sla@desk.example"}) == []
    wrong = {
        "host": "mail.example/x",
        "port": 70_000,
        "security": "ssl3",
        "sender": "sla@desk.example\nBcc: x",
        "reply_to": "mia",
        "sender_name": "a\nb",
        "domain": "a b",
        "user": "sla",
    }
    places = ["host", "security", "port", "sender", "reply_to", "sender_name", "domain", "password"]
    assert [problem.path for problem in channel.problems(wrong, {})] == places
    assert [problem.path for problem in channel.problems({})] == ["host", "sender"]
    assert isinstance(channel.send(LATE, {}, {}, NOW), Refused)


def test_a_password_never_travels_in_the_clear():
    (found,) = Email(Reach()).problems({**SETTINGS, "user": "sla"}, {"password": "right"})
    assert str(found) == (
        "security: The password would go unencrypted. Use starttls or tls, or leave out the user."
    )
