"""Faults under load: the web dies, and whoever was answered finds what they sent."""

import os
import signal

import pytest

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
