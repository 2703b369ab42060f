"""Routes of agreements: what can't work is named at its place, what is agreed is said in sentences."""

import pytest

from leadpact.agreement.explain import explain
from leadpact.agreement.load import load, read

TEXT = """\
leadpact: 1
agreement: A route
version: 1
valid from: 2026-01-01
between: {marketing: [mia], sales: [ana, ben, chai]}
zone: Europe/Warsaw
people:
  ana: {team: inbound, at most: 5 per month}
  ben: {team: inbound}
  chai: {team: asia}
handoff:
  when: mql
  route:
    by: weight
    team: inbound
    at most: 250 per month
    at least: 100 per month
    territories:
      - {when: {country: TH}, team: asia}
      - {when: {employees: {at least: 1000}}, to: [ana, ben]}
    caps: [20 per day, 60 open]
    reassign at most: 2
"""


def test_the_route_is_sound():
    assert load(TEXT)[1] == []


@pytest.mark.parametrize(
    ("old", "new", "path", "said", "remedy"),
    [
        ("5 per month", "many per month", "people.ana.at most", "'many per month' is no limit.", "Write something like `20 per day` or `60 open`."),
        ("60 open", "60 opened", "handoff.route.caps.2", "'60 opened' is no limit.", "Write something like `20 per day` or `60 open`."),
        ("5 per month", "[5 per month, 6 per month]", "people.ana.at most", "Two limits count the same: 5 per month and 6 per month.", "Keep the smaller one."),
        ("20 per day", "200 per month", "handoff.route.caps", "Two limits count the same: 250 per month and 200 per month.", "Keep the smaller one."),
        ("team: asia}\n      -", "team: asai}\n      -", "handoff.route.territories.1.team", "There is no team 'asai'.", "Did you mean 'asia'?"),
        ("to: [ana, ben]", "to: [ana, bob]", "handoff.route.territories.2.to.2", "There is no person 'bob'.", "Use one of: ana, ben, chai, mia."),
        ("to: [ana, ben]", "to: []", "handoff.route.territories.2", "A territory goes to a team or to some people, and to one of them only.", "Write `team: inbound` or `to: [ana, ben]`."),
        ("TH}, team: asia", "TH}, team: asia, to: [ben]", "handoff.route.territories.1", "A territory goes to a team or to some people, and to one of them only.", "Write `team: inbound` or `to: [ana, ben]`."),
        ("chai: {team: asia}", "chai: {team: asia, weight: 0}", "handoff.route.territories.1.team", "Everybody who could get these leads has a weight of zero: chai.", "Give at least one of them a weight above zero."),
        ("{employees: {at least: 1000}}", "{country: TH}", "handoff.route.territories.2.when", "An earlier territory has the same condition: this one never gets a lead.", "Change one of the two, or join them."),
        ("{country: TH}", "{not: {did: webinar attended}}", "handoff.route.territories.1.when", "A territory can't ask what a lead did.", "Choose by what is known of the lead: its country, industry, type or score."),
        ("20 per day", "3 per day", "handoff.route.at least", "At least 100 per month can't be reached with at most 3 per day.", "Lower the minimum, or raise the limit."),
    ],
)  # fmt: skip
def test_what_can_not_work_is_named(old, new, path, said, remedy):
    assert old in TEXT
    problems = read(TEXT.replace(old, new, 1)).problems
    assert [(one.path, one.problem, one.remedy) for one in problems] == [(path, said, remedy)]
    assert problems[0].line > 0


def test_weights_of_zero_for_everyone_are_refused():
    text = TEXT.replace("5 per month}", "5 per month, weight: 0}")
    text = text.replace("ben: {team: inbound}", "ben: {team: inbound, weight: 0}")
    found = [(one.path, one.problem) for one in read(text).problems]
    said = "Everybody who could get these leads has a weight of zero: ana, ben."
    assert found == [("handoff.route.team", said), ("handoff.route.territories.2.to", said)]


def test_the_route_in_sentences():
    agreement, _problems = load(TEXT)
    told = {one.path: one.text for one in explain(agreement)}
    assert [
        told[path]
        for path in (
            "people.ana.at most",
            "handoff.route.territories.1",
            "handoff.route.territories.2",
            "handoff.route.caps",
            "handoff.route.reassign at most",
        )
    ] == [
        "ana gets at most 5 per month.",
        "If country is th, leads go to the team asia.",
        "Else, if employees is at least 1,000, leads go to ana and ben.",
        "A rep has at most 20 per day and 60 open.",
        "A lead changes hands by itself at most 2 times in one pass; then it is for the manager.",
    ]
