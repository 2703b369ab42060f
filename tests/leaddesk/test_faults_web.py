"""Faults under load: the web dies, and whoever was answered finds what they sent."""

import http.client
import json
import os
import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress

import pytest

from leaddesk.book.models import Token
from tests.leaddesk.desk import workspace
from tests.leaddesk.processes import children, command, free_port, kill_group, wait_until
from tests.leaddesk.senders import LEADS, Senders, checked, token

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def own():
    return workspace()


def test_a_web_that_is_killed_under_load_keeps_what_it_answered(own, tmp_path):
    port, log = free_port(), tmp_path / "log"
    senders = Senders(port, token(own), LEADS, gap=0.1)
    with command("web", "--port", str(port), log=log) as web:
        senders.start()
        wait_until(lambda: len(senders.taken) > 10)
        for number in children(web):
            os.kill(number, signal.SIGKILL)
        wait_until(lambda: len(senders.taken) > 30)
        kill_group(web)
    with command("web", "--port", str(port), log=log):
        senders.finish()
    assert senders.failed
    assert checked(own, senders, log) == []


def test_a_web_that_dies_in_the_midst_of_a_record_keeps_what_it_answered(own, tmp_path):
    port, log = free_port(), tmp_path / "log"
    senders = Senders(port, token(own), LEADS)
    point = {"LEADDESK_FAULT": "record:before-commit:14"}
    broken_off = {"RemoteDisconnected", "ConnectionResetError"}
    with command("web", "--port", str(port), log=log, **point):
        senders.start(threads=3)
        wait_until(lambda: broken_off & {*senders.failed})
    with command("web", "--port", str(port), log=log):
        senders.finish()
    assert senders.failed
    assert checked(own, senders, log) == []


def test_one_request_that_comes_to_several_processes_at_once_acts_once(own, tmp_path):
    port, log, secret = free_port(), tmp_path / "log", token(own)
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}

    def ask(key):
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        with closing(line):
            wanted = {"name": key, "scopes": ["read"]}
            told = headers | {"Idempotency-Key": key}
            line.request("POST", "/api/v1/tokens", json.dumps(wanted), told)
            return line.getresponse().status

    with command("web", "--port", str(port), "--workers", "2", log=log):
        wait_until(lambda: is_up(port))
        with ThreadPoolExecutor(8) as pool:
            answers = [*pool.map(ask, [f"key-{n // 8}" for n in range(80)])]
    assert {*answers} <= {201, 409}
    assert answers.count(201) >= 10
    made = Token.objects.of(own).exclude(name="sender").values_list("name", flat=True)
    assert sorted(made) == [f"key-{n}" for n in range(10)]


def is_up(port):
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
