import base64
import json
import socketserver
import time
from dataclasses import replace

import pytest
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from leaddesk.post.channels import channels
from leaddesk.post.channels.webhook import Webhook, fresh_secret, keys, signed
from leaddesk.post.exchange import Reach, after_seconds
from leaddesk.post.message import Gone, Message, Refused, Retry, Sent
from tests.leaddesk.receivers import answer, dripped, listening, receiver, trusting

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NOW = 1_773_662_400_000_000  # 2026-03-16 12:00 UTC
BROKEN = Message(
    key="dlv_7",
    type="promise.broken",
    at=NOW - 1,
    to="",
    subject="First contact is late",
    text="Acme waits",
    html=None,
    data={"lead": "L-1", "promise": "first contact", "names": ["سارا", "ใจดี"]},
    lead="L-1",
    sent_before=None,
)


def webhook(**reach):
    return Webhook(Reach(**{"allow": ("127.0.0.1", "hooks.example.test"), "seconds": 5, **reach}))


def send(here, *, message=BROKEN, secrets=None, now=NOW, **reach):
    settings = {"url": f"http://127.0.0.1:{here.port}/hook"}
    return webhook(**reach).send(message, settings, secrets or {"secret": SECRET}, now)


def outcome_of(said, **options):
    with receiver(lambda _request: said() if callable(said) else said) as here:
        began = time.monotonic()
        outcome = send(here, **options)
        return outcome, time.monotonic() - began, here.got


def test_the_vector_of_the_standard():
    headers = signed(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        b'{"test": 2432232314}',
        keys({"secret": SECRET}),
        1_614_265_330_000_000,
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert headers["webhook-timestamp"] == "1614265330"


def test_a_receiver_verifies_what_it_gets_with_the_library_of_the_standard():
    now = time.time_ns() // 1000
    with receiver(lambda _request: answer(204)) as here:
        assert send(here, now=now) == Sent(None, "204 No Content")
    (request,) = here.got
    assert request.line == "POST /hook HTTP/1.1"
    assert request.headers["Host"] == f"127.0.0.1:{here.port}"
    assert request.headers["webhook-id"] == "dlv_7"
    assert Verifier(SECRET).verify(request.body, dict(request.headers)) == {
        "type": "promise.broken",
        "timestamp": "2026-03-16T11:59:59.999999Z",
        "data": {"lead": "L-1", "promise": "first contact", "names": ["سارا", "ใจดี"]},
    }
    with pytest.raises(WebhookVerificationError):
        Verifier(fresh_secret()).verify(request.body, dict(request.headers))


def test_while_secrets_change_both_verify():
    new, old = fresh_secret(), SECRET
    now = time.time_ns() // 1000
    with receiver(lambda _request: answer(200)) as here:
        send(here, secrets={"secret": new, "previous": old}, now=now)
        send(here, secrets={"secret": new}, now=now)
    both, one = here.got
    for secret in (new, old):
        Verifier(secret).verify(both.body, dict(both.headers))
    Verifier(new).verify(one.body, dict(one.headers))
    with pytest.raises(WebhookVerificationError):
        Verifier(old).verify(one.body, dict(one.headers))


def test_a_second_attempt_repeats_key_and_body_and_signs_its_own_time():
    with receiver(lambda _request: answer(500)) as here:
        send(here)
        send(here, now=NOW + 60_000_000)
    first, second = here.got
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert int(second.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) == 60
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"]


@pytest.mark.parametrize(
    "status, kind",
    [
        *[(status, Sent) for status in (200, 201, 202, 204, 299)],
        *[(status, Refused) for status in (301, 302, 303, 304, 307, 308)],
        *[(status, Refused) for status in (400, 401, 403, 404, 405, 413, 418, 422, 451)],
        *[(status, Retry) for status in (408, 409, 425, 429, 500, 501, 502, 503, 504, 599)],
        (410, Gone),
    ],
)
def test_each_status_means_one_thing(status, kind):
    outcome, _seconds, got = outcome_of(answer(status))
    assert type(outcome) is kind
    assert len(got) == 1


@pytest.mark.parametrize(
    "status, named, seconds",
    [
        (429, "7", 7),
        (503, "120", 120),
        (503, "Mon, 16 Mar 2026 12:00:30 GMT", 30),
        (503, "Mon, 16 Mar 2026 11:00:00 GMT", 0),
        (429, "999999999", 86_400),
        (429, "soon", None),
        (429, "-5", None),
        (429, "²", None),
        (429, "9" * 5000, None),
    ],
)
def test_a_receiver_may_say_when_to_come_again(status, named, seconds):
    text = named.encode().decode("latin-1")
    outcome, _seconds, _got = outcome_of(answer(status, Retry_After=text).replace(b"\xc3\x82", b""))
    assert outcome.after_seconds == seconds


@pytest.mark.parametrize(
    "text", ["", " 5 ", "Fri, 31 Dec 9999 23:59:59 -2300", "Mon, 99 Foo 2026 12:00:30 GMT"]
)
def test_any_wish_is_read_or_left(text):
    assert after_seconds(text, NOW) in {None, 5, 86_400}


def test_a_redirect_is_not_followed():
    with (
        receiver(lambda _request: answer(200)) as inside,
        receiver(lambda _request: answer(307, Location=f"http://127.0.0.1:{inside.port}/")) as here,
    ):
        outcome = send(here)
    assert outcome == Refused(
        "The receiver redirects, which we don't follow: 307 Temporary Redirect"
    )
    assert inside.got == []


def hang():
    time.sleep(1.5)
    return answer(200)


@pytest.mark.parametrize(
    "said",
    [
        hang,
        lambda: dripped(answer(200)),
        lambda: dripped(b"HTTP/1.1 100 Continue\r\n\r\n" * 99),
        lambda: dripped(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 99),
    ],
    ids=["hangs", "drips its status", "goes on and on", "drips its headers"],
)
def test_a_slow_receiver_is_left_when_the_time_is_over(said):
    outcome, seconds, _got = outcome_of(said, seconds=0.4)
    assert outcome == Retry("127.0.0.1 didn't answer within 0.4 seconds.", is_silent=True)
    assert 0.3 < seconds < 1.4


def test_a_body_that_drips_after_its_status_is_cut_and_the_message_counts_as_sent():
    def said():
        yield b"HTTP/1.1 200 OK\r\n\r\n"
        yield from dripped(b"thanks " * 99)

    outcome, seconds, _got = outcome_of(said, seconds=0.4)
    assert isinstance(outcome, Sent)
    assert outcome.answer.startswith("200 OK th")
    assert seconds < 1.4


def test_an_endless_answer_is_read_up_to_its_limit():
    written = []

    def said():
        yield b"HTTP/1.1 200 OK\r\n\r\n"
        while True:
            written.append(1)
            yield b"x" * 65536

    outcome, seconds, _got = outcome_of(said)
    assert outcome == Sent(None, "200 OK " + "x" * 500)
    assert seconds < 4
    assert len(written) < 200


def test_endless_headers_are_given_up():
    def said():
        yield b"HTTP/1.1 200 OK\r\n"
        while True:
            yield b"X: " + b"y" * 65536 + b"\r\n"

    outcome, seconds, _got = outcome_of(said)
    assert isinstance(outcome, Retry)
    assert seconds < 4


@pytest.mark.parametrize(
    "said", [b"", b"SSH-2.0-x\r\n", b"HTTP/1.1 2", b"\0" * 99, answer(200)[:20]]
)
def test_an_answer_that_is_none_is_tried_again(said):
    outcome, _seconds, _got = outcome_of(said)
    assert isinstance(outcome, Retry)
    assert outcome.why.startswith("The connection to 127.0.0.1 failed: ")


def test_a_closed_port_is_tried_again():
    with receiver(lambda _request: b"") as here:
        pass
    assert isinstance(send(here), Retry)


def test_what_a_receiver_says_is_kept_short_and_clean():
    outcome, _seconds, _got = outcome_of(
        answer(400, "no\0 \u202edab\ud7ff".encode() + b"\xff" * 9999)
    )
    assert outcome.why.startswith(
        "The receiver refused the message: 400 Bad Request no   dab\ud7ff\ufffd"
    )
    assert len(outcome.why) < 600


def test_a_compressed_bomb_stays_packed():
    outcome, _seconds, _got = outcome_of(
        answer(200, b"\x1f\x8b" + b"x" * 99, Content_Encoding="gzip")
    )
    assert isinstance(outcome, Sent)


def test_a_name_that_changes_its_address_after_the_check_leads_nowhere_else():
    asked = []

    def rebinding(host, _port):
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["127.0.0.2"]

    with (
        receiver(lambda _request: answer(200)) as checked,
        receiver(lambda _request: answer(200), host="127.0.0.2", port=checked.port) as other,
    ):
        outcome = webhook(resolve=rebinding).send(
            BROKEN, {"url": f"http://hooks.example.test:{checked.port}/"}, {"secret": SECRET}, NOW
        )
    assert isinstance(outcome, Sent)
    assert asked == ["hooks.example.test"]
    assert [request.headers["Host"] for request in checked.got] == [
        f"hooks.example.test:{checked.port}"
    ]
    assert other.got == []


def test_an_internal_address_gets_nothing():
    with receiver(lambda _request: answer(200), tls=True) as here:
        for resolve in (lambda *_: ["127.0.0.1"], lambda *_: ["93.184.216.34", "127.0.0.1"]):
            outcome = webhook(allow=(), resolve=resolve, trust=trusting()).send(
                BROKEN, {"url": f"https://hooks.example.test:{here.port}/"}, {"secret": SECRET}, NOW
            )
            assert outcome == Refused(
                "hooks.example.test leads to 127.0.0.1, which is no public address."
            )
    assert here.got == []


def test_the_certificate_must_be_that_of_the_name_and_not_of_the_address():
    with receiver(lambda _request: answer(200), tls=True) as here:

        def outcome(name, **reach):
            url = f"https://{name}:{here.port}/"
            hook = webhook(allow=(name,), resolve=lambda *_: ["127.0.0.1"], **reach)
            return hook.send(BROKEN, {"url": url}, {"secret": SECRET}, NOW)

        assert isinstance(outcome("hooks.example.test", trust=trusting()), Sent)
        other = outcome("other.example.test", trust=trusting())
        unknown = outcome("hooks.example.test")
    assert isinstance(other, Retry)
    assert "certificate" in other.why
    assert isinstance(unknown, Retry)
    assert len(here.got) == 1


def test_a_silent_handshake_ends_in_time():
    with receiver(lambda _request: b"") as here:  # waits for a line, and never speaks TLS
        began = time.monotonic()
        hook = webhook(resolve=lambda *_: ["127.0.0.1"], seconds=0.4)
        url = f"https://hooks.example.test:{here.port}/"
        assert isinstance(hook.send(BROKEN, {"url": url}, {"secret": SECRET}, NOW), Retry)
        assert time.monotonic() - began < 1.4


def test_a_receiver_that_doesnt_read_is_left_in_time():
    class Deaf(socketserver.BaseRequestHandler):
        def handle(self):
            time.sleep(1)

    with listening(Deaf) as port:
        began = time.monotonic()
        long = replace(BROKEN, data={"note": "x" * 20_000_000})
        outcome = webhook(seconds=0.4).send(
            long, {"url": f"http://127.0.0.1:{port}/"}, {"secret": SECRET}, NOW
        )
        assert time.monotonic() - began < 0.9
    assert outcome == Retry("127.0.0.1 didn't answer within 0.4 seconds.", is_silent=True)


def test_the_next_address_of_a_name_is_tried_when_one_is_closed():
    with receiver(lambda _request: answer(200)) as here:
        hook = webhook(resolve=lambda *_: ["127.0.0.3", "127.0.0.1"])
        url = f"http://hooks.example.test:{here.port}/"
        assert isinstance(hook.send(BROKEN, {"url": url}, {"secret": SECRET}, NOW), Sent)


def test_a_name_without_an_address_is_tried_again():
    def failing(_host, _port):
        raise OSError("no such name")

    outcome = webhook(resolve=failing).send(
        BROKEN, {"url": "https://hooks.example.test/"}, {"secret": SECRET}, NOW
    )
    assert outcome == Retry("hooks.example.test has no address: no such name.")


@pytest.mark.parametrize(
    "message",
    [
        replace(BROKEN, key="dlv_7\r\nX: y"),
        replace(BROKEN, key=""),
        replace(BROKEN, data={"rate": float("nan")}),
        replace(BROKEN, data={"rate": object()}),
    ],
)
def test_a_message_that_has_no_form_is_refused_and_not_sent(message):
    outcome, _seconds, got = outcome_of(answer(200), message=message)
    assert isinstance(outcome, Refused)
    assert got == []


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "whsec_",
        "whsec_c2hvcnQ=",
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_§",
        f"whsec_{'A' * 200}",
    ],
)
def test_a_secret_that_signs_nothing_is_a_problem_and_isnt_repeated(secret):
    settings = {"url": "https://93.184.216.34/"}
    (found,) = webhook().problems(settings, {"secret": secret})
    assert found.path == "secret"
    assert len(secret) < 7 or secret not in str(found)
    assert isinstance(webhook().send(BROKEN, settings, {"secret": secret}, NOW), Refused)


def test_problems_come_together_before_anything_is_saved():
    found = webhook().problems({"url": "https://10.0.0.1/"}, {"secret": "x", "previous": "y"})
    assert [problem.path for problem in found] == ["url", "secret", "previous"]
    assert webhook().problems({"url": "https://93.184.216.34/"}) == []
    assert webhook().problems({"url": "https://93.184.216.34/"}, {"secret": SECRET}) == []


def test_settings_without_an_address_are_refused():
    assert isinstance(webhook().send(BROKEN, {}, {"secret": SECRET}, NOW), Refused)


def test_a_fresh_secret_is_new_and_long():
    first, second = fresh_secret(), fresh_secret()
    assert first != second
    assert len(base64.b64decode(first.removeprefix("whsec_"))) == 32


def test_the_body_is_compact_json():
    _outcome, _seconds, (request,) = outcome_of(answer(200))
    said = json.loads(request.body)
    assert list(said) == ["type", "timestamp", "data"]
    assert request.body == json.dumps(said, separators=(",", ":")).encode()


def test_every_channel_has_its_name():
    assert list(channels(Reach())) == ["email", "slack", "webhook"]
