"""Mail hours: how often and when the agreement lets mail reach somebody, on the receiver's clock."""

from datetime import datetime

import pytest

from leaddesk.book import mail_hours
from leaddesk.book.models import Mailing
from leadpact.agreement.load import load
from leadpact.clock import to_micros
from tests.leaddesk import desk
from tests.leaddesk.desk import at
from tests.leaddesk.nurturing import TEXTS, nurturing, offer, opened, post_office, queue, send

pytestmark = pytest.mark.django_db(transaction=True)


def test_nobody_gets_more_than_agreed_over_all_tracks_and_leads_with_their_address():
    own = nurturing("{at most: 2 per week}")
    for n in range(3):
        offer(own, f"guide {n}", TEXTS)
        address = "Same@example.com" if n else "same@EXAMPLE.com"
        queue(own, f"L-{n}", key=f"guide {n}", email=address)
    with post_office(own) as box:
        send()
        assert len(box.mails) == 2
        row = Mailing.objects.of(own).get(state="waiting")
        assert row.try_at == at("2026-03-19 10:00")
        send(row.try_at - 1)
        assert len(box.mails) == 2
        send(row.try_at)
    assert len(box.mails) == 3


def test_mail_goes_out_in_the_agreed_hours_of_the_receivers_clock():
    own = nurturing("{hours: 09:00-18:00, days: mon-fri}")
    queue(own, "L-1", zone="America/New_York")  # 05:00 there
    queue(own, "L-2", email="t@example.com", zone="Asia/Tokyo")  # 18:00 there, which is over
    queue(own, "L-3", email="w@example.com")  # 10:00 in Warsaw
    with post_office(own) as box:
        send()
    assert [str(mail["To"]) for mail in opened(box)] == ["w@example.com"]
    found = dict(Mailing.objects.of(own).filter(state="waiting").values_list("lead", "try_at"))
    assert found == {"L-1": at("2026-03-12 14:00"), "L-2": at("2026-03-13 01:00")}


CLAUSE = "{hours: 09:00-18:00, days: mon-fri}"


@pytest.mark.parametrize(
    ("clause", "zone", "now", "then"),
    [
        # Clocks go forward in Warsaw on 29 March 2026: nine o'clock comes an hour sooner.
        (CLAUSE, "Europe/Warsaw", "2026-03-27T18:00+01:00", "2026-03-30T09:00+02:00"),
        (CLAUSE, "Europe/Warsaw", "2026-03-30T17:59+02:00", "2026-03-30T17:59+02:00"),
        # New York has been on summer time for three weeks by then.
        (CLAUSE, "America/New_York", "2026-03-13T19:00-04:00", "2026-03-16T09:00-04:00"),
        (CLAUSE, "America/New_York", "2026-03-06T19:00-05:00", "2026-03-09T09:00-04:00"),
        ("{hours: 22:00-02:00}", "UTC", "2026-03-12T01:00+00:00", "2026-03-12T01:00+00:00"),
        ("{hours: 22:00-02:00}", "UTC", "2026-03-12T02:00+00:00", "2026-03-12T22:00+00:00"),
        ("{days: sun}", "Asia/Tehran", "2026-03-12T01:00+00:00", "2026-03-15T00:00+03:30"),
    ],
)
def test_the_next_allowed_instant_is_told_by_the_local_clock(clause, zone, now, then):
    agreement, _problems = load(desk.AGREEMENT + f"mailing: {clause}\n")
    start, end = (to_micros(datetime.fromisoformat(text)) for text in (now, then))
    assert mail_hours.open_at(agreement.mailing, start, zone) == end


def test_a_zone_that_nobody_knows_is_that_of_the_agreement():
    own = nurturing("{hours: 09:00-18:00}")
    queue(own, zone="Mars/Olympus")
    with post_office(own) as box:
        send()
    assert len(box.mails) == 1


def test_a_week_after_a_mail_is_the_same_hour_though_the_clocks_were_changed_meanwhile():
    agreement, _problems = load(desk.AGREEMENT + "mailing: {at most: 1 per week}\n")
    sent = to_micros(datetime.fromisoformat("2026-03-26T10:00+01:00"))
    free = mail_hours.free_at(agreement.mailing, [sent], sent + 1, "Europe/Warsaw")
    assert free == to_micros(datetime.fromisoformat("2026-04-02T10:00+02:00"))
