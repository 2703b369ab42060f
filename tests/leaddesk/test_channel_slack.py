import contextlib
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaddesk.post.channels.slack import Slack, sections, worded
from leaddesk.post.exchange import Reach
from leaddesk.post.message import Gone, Message, Refused, Retry, Sent
from tests.leaddesk.receivers import answer, receiver

NOW = 1_773_662_400_000_000
TOKEN = "xoxb-1-of-tests"
SOON = Message(
    key="dlv_1",
    type="promise.warned",
    at=NOW,
    to="",
    subject="First contact due at 14:00 (Warsaw)",
    text="Acme & Sons <acme> waits.\nhttps://desk.example/l/L-1?a=1&b=2",
    html=None,
    data={},
    lead="L-1",
    sent_before=None,
)


class Workspace:
    """The part of Slack's contract that the channel uses: posting, editing, one webhook."""

    def __init__(self):
        self.messages = {}  # ts -> text
        self.calls = []
        self.error = None

    def answer(self, request):
        _post, path, _version = request.line.split()
        content = json.loads(request.body)
        self.calls.append((path, content))
        if path == "/services/T1/B1/good":
            return answer(200, b"ok")
        if path.startswith("/services/"):
            return answer(404, b"no_service")
        if request.headers["Authorization"] != f"Bearer {TOKEN}":
            return self.said(ok=False, error="invalid_auth")
        if self.error:
            return self.said(ok=False, error=self.error)
        return {"/api/chat.postMessage": self.post, "/api/chat.update": self.edit}[path](content)

    def post(self, content):
        ts = f"177366240{len(self.messages)}.000200"
        self.messages[ts] = content["text"]
        # A message to a member lands in a conversation with another name.
        channel = content["channel"].replace("U", "D")
        return self.said(ok=True, channel=channel, ts=ts, message=content)

    def edit(self, content):
        if content["ts"] not in self.messages or content["channel"].startswith("U"):
            return self.said(ok=False, error="message_not_found")
        self.messages[content["ts"]] = content["text"]
        return self.said(ok=True, channel=content["channel"], ts=content["ts"])

    @staticmethod
    def said(**content):
        return answer(200, json.dumps(content).encode())


@contextlib.contextmanager
def workspace(play=None):
    slack = Workspace()
    with receiver(play or slack.answer) as here:
        slack.base = f"http://127.0.0.1:{here.port}"
        slack.got = here.got
        yield slack


def send(slack, message=SOON, *, to="C1", **secrets):
    settings = {"api": f"{slack.base}/api", "hooks": slack.base, "channel": to}
    channel = Slack(Reach(allow=("127.0.0.1",), seconds=5))
    return channel.send(message, settings, secrets or {"token": TOKEN}, NOW)


def hook(slack, name="good"):
    return {"webhook": f"{slack.base}/services/T1/B1/{name}"}


def test_a_bot_posts_once_and_edits_the_same_message_afterwards():
    with workspace() as slack:
        first = send(slack)
        reference = first.reference
        for text in ("Half the time is over", "Contacted by Ana"):
            later = replace(SOON, subject=text, text="", sent_before=reference)
            outcome = send(slack, later)
            assert outcome == Sent(reference, "chat.update: ok")
    assert first == Sent("C1:1773662400.000200", "chat.postMessage: ok")
    assert [path for path, _content in slack.calls] == [
        "/api/chat.postMessage",
        "/api/chat.update",
        "/api/chat.update",
    ]
    assert slack.messages == {"1773662400.000200": "Contacted by Ana"}


def test_the_key_goes_along_so_that_a_repeat_can_be_seen():
    with workspace() as slack:
        send(slack)
    assert slack.calls[0][1]["metadata"] == {
        "event_type": "leadpact_message",
        "event_payload": {"key": "dlv_1"},
    }


def test_a_message_to_a_member_is_edited_in_the_conversation_that_it_landed_in():
    with workspace() as slack:
        direct = replace(SOON, to="U7")
        reference = send(slack, direct).reference
        assert reference == "D7:1773662400.000200"
        send(slack, replace(direct, sent_before=reference))
    assert [content["channel"] for _path, content in slack.calls] == ["U7", "D7"]
    assert len(slack.messages) == 1


@pytest.mark.parametrize("before", ["C1:1.0", "of another channel", ""])
def test_a_message_that_can_be_edited_no_longer_is_posted_anew(before):
    with workspace() as slack:
        outcome = send(slack, replace(SOON, sent_before=before))
    assert outcome == Sent("C1:1773662400.000200", "chat.postMessage: ok")


def test_a_webhook_posts_each_message():
    with workspace() as slack:
        assert send(slack, **hook(slack)) == Sent(None, "200 OK ok")
        assert send(slack, replace(SOON, sent_before="C1:1.0"), **hook(slack)) == Sent(
            None, "200 OK ok"
        )
    assert [path for path, _content in slack.calls] == ["/services/T1/B1/good"] * 2
    assert slack.calls[0][1] == worded(SOON)


def test_a_webhook_that_was_removed_switches_the_channel_off():
    with workspace() as slack:
        outcome = send(slack, **hook(slack, "removed"))
    assert outcome == Gone("Slack no longer knows this webhook: 404 Not Found no_service")


@pytest.mark.parametrize(
    "status, body, kind",
    [
        (400, b"invalid_payload", Refused),
        (403, b"action_prohibited", Refused),
        (404, b"channel_not_found", Refused),
        (410, b"channel_is_archived", Gone),
        (429, b"rate_limited", Retry),
        (500, b"rollup_error", Retry),
        (302, b"", Refused),
    ],
)
def test_a_webhook_answers_by_status(status, body, kind):
    with workspace(lambda _request: answer(status, body)) as slack:
        assert type(send(slack, **hook(slack))) is kind


@pytest.mark.parametrize(
    "error, kind",
    [
        ("ratelimited", Retry),
        ("internal_error", Retry),
        ("service_unavailable", Retry),
        ("token_revoked", Gone),
        ("account_inactive", Gone),
        ("channel_not_found", Refused),
        ("not_in_channel", Refused),
        ("is_archived", Refused),
        ("msg_too_long", Refused),
        ("a word that is new", Refused),
    ],
)
@pytest.mark.parametrize("before", [None, "C1:1.0"])
def test_a_no_of_the_api_stands_in_the_answer_of_a_200(error, kind, before):
    with workspace() as slack:
        slack.error = error
        outcome = send(slack, replace(SOON, sent_before=before))
    assert type(outcome) is kind
    assert outcome.why.endswith(f": {error}.")
    assert len(slack.calls) == 1


def test_a_message_that_was_never_there_isnt_posted_when_posting_fails_with_the_same_word():
    with workspace() as slack:
        slack.error = "message_not_found"
        outcome = send(slack, replace(SOON, sent_before="C1:1.0"))
    assert outcome == Refused("Slack refused the message: message_not_found.")


def test_too_many_messages_wait_as_long_as_slack_says():
    with workspace(lambda _request: answer(429, Retry_After="30")) as slack:
        for secrets in ({"token": TOKEN}, hook(slack)):
            outcome = send(slack, **secrets)
            assert outcome == Retry("The receiver asks to try later: 429 Too Many Requests", 30)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"null", b'{"ok": "yes"}', b"[" * 99_999])
def test_an_answer_that_isnt_slacks_is_no_success(body):
    with workspace(lambda _request: answer(200, body)) as slack:
        assert isinstance(send(slack), Retry | Refused)


def test_a_wrong_token_is_refused_and_never_repeated_in_the_answer():
    with workspace() as slack:
        outcome = send(slack, token="xoxb-wrong")
    assert outcome == Refused("Slack refused the message: invalid_auth.")


def test_what_people_wrote_is_escaped_and_calls_nobody():
    said = worded(replace(SOON, text="<!channel> @here #general <https://evil.example|x> a & b"))
    assert said["text"].endswith(
        "&lt;!channel&gt; @here #general &lt;https://evil.example|x&gt; a &amp; b"
    )
    assert said["blocks"][1]["text"]["verbatim"] is True
    assert (said["parse"], said["link_names"]) == ("none", False)


def test_a_message_is_a_header_and_sections_with_a_fallback():
    assert worded(SOON) == {
        "text": (
            "First contact due at 14:00 (Warsaw)\nAcme &amp; Sons &lt;acme&gt; waits.\n"
            "<https://desk.example/l/L-1?a=1&amp;b=2>\n"
        ),
        "blocks": [
            {
                "type": "header",
                "text": {
                    "type": "plain_text",
                    "text": "First contact due at 14:00 (Warsaw)",
                    "emoji": False,
                },
            },
            {
                "type": "section",
                "text": {
                    "type": "mrkdwn",
                    "text": (
                        "Acme &amp; Sons &lt;acme&gt; waits.\n"
                        "<https://desk.example/l/L-1?a=1&amp;b=2>\n"
                    ),
                    "verbatim": True,
                },
            },
        ],
        "parse": "none",
        "link_names": False,
    }


@given(st.text(max_size=40), st.text(), st.integers(0, 4000), st.sampled_from("a&\n😀ใ"))
def test_every_message_keeps_within_the_limits_of_slack(subject, text, times, sign):
    said = worded(replace(SOON, subject=subject * 9, text=text + sign * times * 9))
    assert said["text"].strip()
    assert len(said["blocks"]) <= 50
    for block in said["blocks"]:
        words = block["text"]["text"]
        assert words.strip()
        most = 150 if block["type"] == "header" else 3000
        assert len(words.encode("utf-16-le")) // 2 <= most
    json.dumps(said).encode()


@given(st.text("ab&<>\n 😀", max_size=50), st.integers(1, 400))
def test_sections_lose_nothing_and_cut_no_sign_in_two(text, times):
    whole = text * times
    joined = "".join(sections(whole))
    plain = joined.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert plain.split() == whole.split()


def test_lines_stay_whole_where_they_fit():
    lines = [f"{number:04} " + "x" * 1400 + "\n" for number in range(5)]
    assert list(sections("".join(lines))) == [lines[0] + lines[1], lines[2] + lines[3], lines[4]]


def test_problems_come_together_before_anything_is_saved():
    slack = Slack(Reach())
    assert slack.problems({}) == []
    assert slack.problems({}, {"token": TOKEN}) == []
    assert slack.problems({}, {"webhook": "https://hooks.slack.com/services/T/B/x"}) == []
    found = slack.problems(
        {"api": "http://10.0.0.1/", "hooks": 7}, {"webhook": "https://evil.example/"}
    )
    assert [problem.path for problem in found] == ["api", "hooks", "webhook"]
    (token,) = slack.problems({}, {"token": "xoxb 1\r\nX: y"})
    assert token.path == "token"
    assert "xoxb" not in str(token)


@pytest.mark.parametrize(
    "settings, secrets",
    [
        ({"channel": "C1"}, {}),
        ({"channel": "C1"}, {"webhook": "https://evil.example/"}),
        ({"channel": "C1"}, {"token": "a\nb"}),
        ({}, {"token": TOKEN}),
        ({"channel": "C1", "api": "https://10.0.0.1/"}, {"token": TOKEN}),
        ({"hooks": "https://10.0.0.1"}, {"webhook": "https://10.0.0.1/x"}),
    ],
)
def test_what_cant_be_sent_is_refused_before_anything_leaves(settings, secrets):
    assert isinstance(Slack(Reach()).send(SOON, settings, secrets, NOW), Refused)
