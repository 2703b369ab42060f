"""A crowd: the sample grown to a team of eight, with a full day behind it. Runs backstage."""

from datetime import datetime, timedelta

from tests.browser import acts
from tests.browser.clock import WARSAW

NAMES = ("Ewa Zielińska", "Farid Karimi", "Giulia Rossi", "Håkon Lie", "สมชาย บุญมี")


def team_of_eight():
    """Eight people with leads of their own, more misses than the page shows, four leads at risk,
    decisions and people away; how many people those are."""
    from leaddesk.book import moment, report, standup
    from leaddesk.book.models import Leave, Person
    from leaddesk.book.shelf import Shelf
    from tests.leaddesk.desk import handed_over, take

    own, now = acts.own(), moment.now()
    for n, name in enumerate(NAMES):
        plain = {"role": "rep", "side": "sales", "created_at": own.created_at}
        Person.objects.of(own).create(workspace=own, key=f"rep{n}", name=name, **plain)
    team = ["ana", "ben", "chai", *(f"rep{n}" for n in range(len(NAMES)))]
    missed = [handed_over(f"M-{n}", _ago(1, 9, n), owner=key) for n, key in enumerate(team)]
    risky = [handed_over(f"R-{n}", _ago(1, 16, n), owner=key) for n, key in enumerate(team[:5])]
    take(own, *missed, *risky, now=now)
    day = datetime.fromtimestamp(now / 1e6, WARSAW).date()
    for text in ("Call every demo before noon.", "Ask brands for their budget first."):
        standup.decide(acts.actor("nora"), day, text, now)
    week = {"first": day, "last": day + timedelta(days=6)}
    Leave.objects.of(own).create(workspace=own, person="rep4", **week)
    report.draw(own.pk, Shelf(own.pk), now)
    return len(team)


def _ago(days, hour, minute):
    """An instant of Warsaw so many days ago."""
    from leaddesk.book import moment

    day = datetime.fromtimestamp(moment.now() / 1e6, WARSAW).date() - timedelta(days=days)
    return f"{day}T{hour:02}:{minute:02}:00+01:00"
