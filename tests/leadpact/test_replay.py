"""Replay: what a draft would have made of an old log."""

from leadpact.log import Log
from leadpact.replay import Change, all_along, replay, text
from tests.leadpact.judged_logs import ZONE, agreed, at, fact, many

OLD = {
    "sales": {
        "first contact": {
            "after": "handed over",
            "do": "attempted",
            "within": "4 working hours",
            "target": "95%",
        },
        "worked": {"after": "handed over", "do": "attempted", "within": "7 days"},
    },
    "marketing": {"volume": {"deliver": "mql", "amount": "100", "each": "month"}},
}


def drafted(within="1 working hour", **clauses):
    sales = {"first contact": {**OLD["sales"]["first contact"], "within": within}}
    return agreed(
        {"sales": {**sales, **clauses.pop("sales", {})}, "marketing": clauses.pop("marketing", {})},
        version="2",
        **{"valid from": "2026-09-01"},
        **clauses,
    )


def log_of(facts):
    log, problems = Log.from_facts(facts, zone=ZONE)
    assert problems == []
    return log


def answered():
    """A hundred leads: 71 called within the hour, 22 more within four, 7 later."""
    return [
        *many(100, "handed_over", "2026-06-02 09:00", step=0, owner="ana"),
        *(
            fact("attempted", f"2026-06-02 {hour}", f"L{n:05}", by="ana")
            for n, hour in enumerate(["09:50"] * 71 + ["11:00"] * 22 + ["16:00"] * 7)
        ),
    ]


def found(draft, facts=None, now="2026-06-10 12:00"):
    return replay(draft, [agreed(OLD)], log_of(facts or answered()), now=at(now))


def test_with_first_contact_in_one_hour_71_instead_of_93_percent_would_have_been_kept():
    made = found(drafted())
    assert made.sentences[0] == (
        "With first contact within 1 working hour, 71\u00a0% instead of 93\u00a0% would have been"
        " kept."
    )
    first = made.promises[0]
    assert (first.was.kept, first.was.due, first.would.kept, first.would.due) == (93, 100, 71, 100)


def test_leads_whose_verdict_changes_are_counted_and_named():
    made = found(drafted())
    assert ("first contact", "kept", "broken", 22) in made.changed
    named = [change for change in made.changes if change.promise == "first contact"]
    assert named == [
        Change("first contact", None, 1, f"L{n:05}", 1, "kept", "broken") for n in range(71, 93)
    ]


def test_what_the_draft_drops_or_adds_is_not_owed_on_the_other_side():
    draft = drafted(
        sales={"second": {"after": "handed over", "do": "attempted", "times": 2, "within": "1 day"}}
    )
    made = found(draft)
    assert "worked is gone from the draft: 100\u00a0% was kept." in made.sentences
    assert "second is new: 0\u00a0% would have been kept." in made.sentences
    assert ("worked", "kept", "not owed", 100) in made.changed
    assert ("second", "not owed", "broken", 100) in made.changed


def test_the_same_agreement_changes_nothing():
    made = replay(agreed(OLD), [agreed(OLD)], log_of(answered()), now=at("2026-06-10 12:00"))
    assert made.total == 0
    assert made.sentences == [
        "first contact: 93\u00a0% kept either way.",
        "worked: 100\u00a0% kept either way.",
    ]
    assert made.current.to_json() == made.proposed.to_json()


def test_a_draft_is_judged_as_if_in_force_all_along():
    draft = drafted(term={"from": "2026-09-01", "to": "2026-12-31"})
    whole = all_along(draft, [agreed(OLD, **{"valid from": "2026-01-01"}), agreed(OLD)])
    assert whole.valid_from.isoformat() == whole.term.from_.isoformat() == "2026-01-01"
    assert whole.version == 2


def test_a_version_amended_on_the_way_is_compared_with_the_draft():
    amended = agreed(
        {"sales": {"first contact": {**OLD["sales"]["first contact"], "within": "2 hours"}}},
        version="2",
        **{"valid from": "2026-06-05"},
    )
    made = replay(drafted(), [agreed(OLD), amended], log_of(answered()), now=at("2026-06-10 12:00"))
    assert made.promises[0].was.kept == 93


def test_deliveries_stand_side_by_side():
    draft = drafted(marketing={"volume": {"deliver": "mql", "amount": "200", "each": "month"}})
    facts = [*answered(), *many(100, "moved", "2026-06-03 10:00", prefix="M", to="mql")]
    made = found(draft, facts, "2026-07-01 00:00")
    (june, _july) = [one for one in made.periods if one.promise == "volume"]
    assert (june.was.target, june.would.target, june.was.actual) == (100, 200, 200)
    assert (june.was.verdict, june.would.verdict) == ("broken", "kept")
    assert "Periods that differ" in text(made)


def test_a_ladder_is_named_without_a_time():
    ladder = {
        "after": "handed over",
        "do": "attempted",
        "ladder": [{"times": 1, "within": "1 day"}, {"times": 2, "within": "2 days"}],
    }
    made = found(drafted(sales={"worked": ladder}))
    assert (
        "With worked as it is drafted, 50\u00a0% instead of 100\u00a0% would have been kept."
        in made.sentences
    )


def test_the_json_form_holds_both_reports():
    form = found(drafted()).to_json()
    assert form["current"]["about"]["versions"][0]["version"] == 1
    assert form["proposed"]["about"]["versions"][0]["version"] == 2
    assert form["changed"]["total"] == 122
    assert form["promises"][0]["would"]["kept"] == 71


def test_text_is_within_its_width():
    assert max(map(len, text(found(drafted()), width=80).splitlines())) <= 80


def test_an_empty_log_replays_too():
    made = replay(drafted(), [agreed(OLD)], log_of([]), now=at("2026-06-10 12:00"))
    assert made.total == 0


def test_only_so_many_changes_are_named():
    made = replay(drafted(), [agreed(OLD)], log_of(answered()), now=at("2026-06-10 12:00"), most=3)
    assert (len(made.changes), made.total) == (3, 122)
