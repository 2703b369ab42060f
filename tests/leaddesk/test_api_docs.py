"""The calls of docs/api.md, run as the page shows them."""

import json
import re
import shlex
from pathlib import Path

import pytest
from django.test import Client
from typer.testing import CliRunner

from leaddesk.api.problems import KINDS
from leaddesk.book import moment
from leaddesk.book.access import actor_of_token
from leaddesk.book.refusal import Absent
from leaddesk.book.rights import SCOPES
from leaddesk.cli.app import app
from tests.leaddesk.asking import NOW, Caller
from tests.leaddesk.desk import workspace

PAGE = (Path(__file__).parents[2] / "docs/api.md").read_text("utf-8")
CALLS = re.findall(r"```sh\n(curl .*?)```\n\n```json\n(.*?)```", PAGE, re.DOTALL)


def sent(call, secret):
    """The answer to a call of curl."""
    words = shlex.split(call.replace("$TOKEN", secret).replace("\\\n", " "))[1:]
    verb, body, headers, address = "GET", "", {}, None
    while words:
        word = words.pop(0)
        if word == "-X":
            verb = words.pop(0)
        elif word == "-d":
            body = words.pop(0)
        elif word == "-H":
            name, _colon, value = words.pop(0).partition(": ")
            headers[name] = value
        else:
            address = word.removeprefix("http://127.0.0.1:8000")
    kind = headers.pop("Content-Type", "")
    return Client().generic(verb, address, body, content_type=kind, headers=headers)


def fits(shown, told):
    """Whether an answer is the one that the page shows; … stands for any text."""
    if isinstance(shown, dict):
        return shown.keys() == told.keys() and all(fits(shown[k], told[k]) for k in shown)
    if isinstance(shown, list):
        return len(shown) == len(told) and all(map(fits, shown, told))
    return shown == told or (shown == "…" and bool(told))


@pytest.mark.django_db(transaction=True)
def test_every_call_is_answered_as_the_page_shows():
    with moment.standing_at(NOW):
        secret = Caller(workspace(), "admin").secret
        assert len(CALLS) > 6
        for call, shown in CALLS:
            answer = sent(call, secret)
            assert fits(json.loads(shown), answer.json()), f"{call}\n{answer.content.decode()}"


def test_every_scope_and_status_is_on_the_page():
    assert set(re.findall(r"^\| `([a-z:]+)` \|", PAGE, re.MULTILINE)) == set(SCOPES)
    rows = re.findall(r"^\| (\d{3}(?:, \d{3})*) \|", PAGE, re.MULTILINE)
    listed = {int(one) for row in rows for one in row.split(", ")}
    assert listed == {kind.status for kind in KINDS.values()}


@pytest.mark.django_db(transaction=True)
def test_the_first_token_is_made_where_the_desk_runs():
    own = workspace()
    Caller(own, "admin", person="mia")
    words = ["token", own.slug, "mia", "--scope", "facts:write", "--name", "CRM"]
    made = CliRunner().invoke(app, words)
    assert made.exit_code == 0, made.output
    actor = actor_of_token(made.stdout.strip(), moment.now())
    assert (actor.workspace_id, actor.person, actor.scopes) == (own.pk, "mia", {"facts:write"})
    for wrong in (["nowhere", "mia"], [own.slug, "nobody"]):
        assert isinstance(CliRunner().invoke(app, ["token", *wrong]).exception, Absent)
