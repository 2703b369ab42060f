"""Nurture tracks that can't work are named with their place and a remedy, before they are signed."""

import pytest

from leadpact.agreement.check import examine
from leadpact.agreement.explain import explain
from leadpact.agreement.load import load

HEAD = """leadpact: 1
agreement: Tracks
version: 1
valid from: 2026-01-01
between: {marketing: [mia], sales: [ana]}
definitions: {stages: [lead, mql, sal, sql, opportunity, customer]}
nurture:
"""
STEP = "steps: [{stage: awareness, send: guide, after: 3 days}]"


def found(tracks):
    _agreement, problems = load(HEAD + "".join(f"  {line}\n" for line in tracks))
    return [(one.path, one.problem) for one in problems]


@pytest.mark.parametrize(
    ("tracks", "path", "problem"),
    [
        (
            [f"a: {{{STEP}, then: b}}", f"b: {{{STEP}, then: c}}", f"c: {{{STEP}, then: b}}"],
            "nurture.b.then",
            "These tracks follow each other without end: b, c, b.",
        ),
        (
            [f"a: {{{STEP}, then: a}}"],
            "nurture.a.then",
            "These tracks follow each other without end: a, a.",
        ),
        (
            [f"a: {{{STEP}, then: bee}}", f"beer: {{{STEP}}}"],
            "nurture.a.then",
            "There is no nurture track 'bee' that could follow.",
        ),
        (
            [f"a: {{{STEP}, covers: [awareness, decision]}}"],
            "nurture.a.covers.2",
            "The track 'a' claims to cover decision and has no offer for it.",
        ),
        (
            [f"a: {{{STEP}, leave when: [mql, lead]}}"],
            "nurture.a.leave when.2",
            "The track 'a' ends as soon as it begins: 'lead' is always so.",
        ),
        (
            [f"a: {{{STEP}, enter when: {{did: asked}}, leave when: [asked]}}"],
            "nurture.a.leave when.1",
            "'asked' lets leads into the track 'a' and out of it.",
        ),
    ],
)
def test_a_track_that_cannot_work(tracks, path, problem):
    assert found(tracks) == [(path, problem)]


def test_a_chain_with_an_end_is_fine():
    assert found([f"a: {{{STEP}, then: b}}", f"b: {{{STEP}}}", f"c: {{{STEP}, then: b}}"]) == []


def test_what_is_hardly_meant_so_is_a_warning():
    steps = (
        "steps: [{stage: decision, send: offer, after: 3 days},"
        " {stage: awareness, send: guide, after: 0 hours}]"
    )
    text = HEAD + f"  a: {{{steps}, leave when: [replied]}}\n"
    assert load(text)[1] == []
    said = [one.problem for one in examine(text).problems]
    assert "The track 'a' goes back from decision to awareness." in said
    assert "'guide' is sent at once after 'offer'." in said


def test_each_clause_of_a_track_is_a_sentence():
    tracks = [
        (
            f"a: {{{STEP}, enter when: {{industry: food}}, leave when: [replied],"
            " covers: [awareness], then: b, pause with sales: no}"
        ),
        f"b: {{{STEP}}}",
    ]
    agreement, problems = load(HEAD + "".join(f"  {line}\n" for line in tracks))
    assert problems == []
    said = [one.text for one in explain(agreement) if one.path.startswith("nurture.a")]
    assert said[2:] == [
        "A lead enters a by itself when industry is food.",
        "a goes on while sales works on a lead.",
        "a covers awareness.",
        "After the last step of a comes b.",
    ]
