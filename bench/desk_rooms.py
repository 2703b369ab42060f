"""Rooms: what stands in scoring, handoffs, routing, prediction, nurture and follow-up, at full size."""

from bench.desk_house import AGREEMENT
from bench.desk_lives import DAY, HOUR, full, key_of
from leadpact.agreement.load import load

MAILS_EACH, SUPPRESSED_EVERY, WAITING = 3, 3, 3_000
MOST_MAILED = 60_000
OFFERS = ("guide-trends", "case-study", "consultation-offer", "letter", "display")
_MORE = {
    "  attempt: {by:": """\
  consultation requested: asked for half an hour of advice
  webinar attended: stayed for half an hour
  attempt: {by:""",
    "  qualifies as mql:": """\
  caps: {interest: 100}
  account: {share: 25%, at most: 20}
  grades: {fit: [50, 30], interest: [60, 25]}
  hysteresis: 10
  qualifies as mql:""",
    "at least: 100 per month}": """at least: 100 per month, caps: [20 per day, 40 open],
    territories: [{when: {industry: mining}, to: [ana, ben, chai]}], reassign at most: 3}""",
    "  return: {after:": """\
  at once: consultation requested
  arbitration: {by: [mia, ana], within: 2 working days}
  return: {after:""",
    "promises:\n": """\
  keep in mind:
    steps: [{stage: awareness, send: letter, after: 26 weeks}]
    leave when: [mql, replied]
  field news:
    enter when: {all: [{industry: [retail, food]}, {did: webinar attended}]}
    steps: [{stage: awareness, send: display, after: 1 day}]
    leave when: [mql, replied]
mailing: {at most: 2 per week, hours: 08:00-18:00, days: mon-fri}
follow up:
  cadences:
    shops:
      for: {stream: shops}
      steps:
        - {do: phone, after: 4 working hours}
        - {do: email, after: 1 day}
        - {do: wait, after: 2 days}
        - {do: phone, after: 1 working day}
    everybody else: {steps: [{do: phone, after: 8 working hours}, {do: email, after: 3 days}]}
  guard: {at most: [3 per day, 12 per pass], apart: 15 minutes, hours: 08:00-20:00}
  outcomes: [reached, no answer, voicemail, wrong number]
  reasons: [no need yet, wrong size, price]
  keep in touch: {customers: 90 days, sleeping: 60 days}
promises:
""",
}


def agreement() -> str:
    """The agreement of the measurements with every clause that the rooms tell of."""
    text = AGREEMENT
    for place, more in _MORE.items():
        if text.count(place) != 1:
            raise SystemExit(f"{place!r} isn't once in the agreement")
        text = text.replace(place, more)
    _agreed, problems = load(text)
    if _agreed is None:
        raise SystemExit("\n".join(map(str, problems)))
    return text


def furnish(own: int, leads: int, now: int) -> None:
    """Fill the tables that aren't drawn from facts, train a model and draw the report."""
    _offers(own, now)
    _mails(own, leads, now)
    _suppressions(own, leads, now)
    _waiting(own, leads, now)
    _turns(own, now)
    _model(own, now)
    _report(own, now)


def _offers(own: int, now: int) -> None:
    from leaddesk.book.models import Offer

    text = "Hello {first name|there},\n\nsomething new: https://northwind.example/new\n\n{owner}"
    texts = {code: {"subject": "New", "text": text} for code in ("en", "fr", "th")}
    Offer.objects.of(own).bulk_create(
        Offer(workspace_id=own, key=key, texts=texts, changed_at=now, changed_by="mia")
        for key in OFFERS
    )


def _mails(own: int, leads: int, now: int) -> None:
    """Three mails for each lead in nurture; a dozen for the lead that has something of everything."""
    from leaddesk.book.models import Enrolment, Mailing
    from leaddesk.book.suppressions import digest_of

    last = key_of(full(leads), leads)
    rows = Enrolment.objects.of(own).exclude(lead=last).order_by("id")
    told = [*rows.values_list("lead", "fact", "entered_at")[: MOST_MAILED // MAILS_EACH]]
    steps = [(lead, fact, at, n) for lead, fact, at in told for n in range(MAILS_EACH)]
    steps += [(last, f"earlier {n // MAILS_EACH}", now - 90 * DAY, n) for n in range(12)]
    addresses = {n: digest_of(_address(n)) for n in range(0, leads, 50)}
    Mailing.objects.of(own).bulk_create(
        (_mail(own, place, step, addresses, now) for place, step in enumerate(steps)),
        batch_size=1_000,
    )


def _mail(own, place, step, addresses, now):
    from leaddesk.book.models import Mailing

    lead, fact, at, number = step
    states = Mailing.State
    state = (states.SENT, states.SENT, states.LEFT_OUT, states.WAITING, states.FAILED)[place % 5]
    sent = min(at + (number % 12 + 1) * 3 * DAY, now - HOUR)
    was_sent = state == states.SENT
    return Mailing(
        workspace_id=own,
        lead=lead,
        track="re-engage",
        step=number,
        offer=OFFERS[number % 3],
        enrolment=fact,
        state=state,
        why="" if was_sent else "Their address is on the list of those that are never mailed.",
        due_at=sent,
        try_at=now + 30 * DAY if state == states.WAITING else None,
        sent_at=sent if was_sent else None,
        address=addresses.get(place % 50 * 50, ""),
        language="en",
        message_id=f"<m{place}@northwind.example>",
        token=f"token-{place:010}",
        opened_at=sent + HOUR if was_sent and place % 3 == 0 else None,
        links=["https://northwind.example/new"],
        bounced_at=sent + HOUR if state == states.FAILED else None,
    )


def _address(number: int) -> str:
    return f"maria{number}@company{number % 500}.example"


def _suppressions(own: int, leads: int, now: int) -> None:
    from leaddesk.book.models import Suppression
    from leaddesk.book.suppressions import REASONS, digests_of

    reasons = [*REASONS]
    numbers = {*range(0, leads, SUPPRESSED_EVERY), full(leads)}
    digests = digests_of(_address(n) for n in numbers)
    Suppression.objects.of(own).bulk_create(
        (
            Suppression(
                workspace_id=own,
                digest=digests[_address(n)],
                address=_address(n),
                reason=reasons[n % len(reasons)],
                by="mia",
                at=now - n % 700 * DAY,
            )
            for n in sorted(numbers)
        ),
        batch_size=2_000,
    )


def _waiting(own: int, leads: int, now: int) -> None:
    """Leads that qualified again and whom nobody can take now."""
    from leaddesk.book.models import Handoff

    route = (
        '{"pool":"sales","rule":"weight","among":0,"passed":[["rep1","full",null,"20 per day"]]}'
    )
    count = min(WAITING, leads // 10)
    Handoff.objects.of(own).bulk_create(
        (
            Handoff(
                workspace_id=own,
                lead=key_of(n, leads),
                pass_number=9,
                state="waiting",
                at=now - n * HOUR // 10,
                trigger="mql",
                route=route,
                retry_at=now + HOUR,
            )
            for n in range(count)
        ),
        batch_size=2_000,
    )


def _turns(own: int, now: int) -> None:
    """Whose turn it is, as if leads had been given out for two years."""
    from leaddesk.book.models import Turn

    Turn.objects.of(own).bulk_create(
        Turn(
            workspace_id=own,
            pool=f"weight: {pool}",
            person=f"rep{n}",
            credit=n * 9_000,
            given=2_500,
            since=now - 700 * DAY,
        )
        for pool in ("sales", "mining")
        for n in range(40)
    )


def run_by_itself(own: int, now: int) -> None:
    """Let the desk hand over and nurture by itself, for two years already."""
    from leaddesk.book import rules
    from leaddesk.book.models import Workspace

    Workspace.objects.filter(pk=own).update(
        hands_over_since=now - 700 * DAY,
        nurtures_since=now - 700 * DAY,
        mail_from="hello@northwind.example",
        postal_address="Northwind, Warsaw",
    )
    rules.changed(own)


def _model(own: int, now: int) -> None:
    """A model of the chance to win, trained on all leads and put to use."""
    from leaddesk.book import foretelling, rules
    from leaddesk.book.access import Actor
    from leaddesk.book.models import Lead, ScoreModel, Workspace

    for _again in range(2):
        foretelling.want(Actor(own, "mia", "admin"), now)
        foretelling.train(foretelling.claim(now), now)
    row = ScoreModel.objects.of(own).order_by("-number").first()
    row.state, row.used_at = ScoreModel.State.IN_USE, now
    row.save()
    rules.changed(own)
    foretelling.look_after(now)
    count = Workspace.objects.values_list("rules", flat=True).get(pk=own)
    Lead.objects.of(own).update(rules=count)


def _report(own: int, now: int) -> None:
    """What the worker draws."""
    from leaddesk.book import report
    from leaddesk.book.shelf import Shelf

    report.draw(own, Shelf(own), now)
