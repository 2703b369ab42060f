"""What can be wrong with the clauses of scoring, and how they are told in sentences."""

import pytest

from leadpact.agreement.explain import explain
from leadpact.agreement.load import read

TEXT = """\
leadpact: 1
agreement: Harbour lights
version: 1
valid from: 2026-01-01
handoff: {when: mql, at once: [demo requested]}
qualification:
  fit:
    - {when: {industry: [retail, food]}, points: 20, group: firm}
    - {when: {not: {industry: mining}}, points: 20, group: firm}
    - {when: {employees: {at least: 50}}, points: 20}
    - {when: {any: [{lead type: demo}, {need 1: yes}, {need 2: yes}]}, points: 5}
  interest:
    - {did: demo requested, points: 60}
    - {did: guide downloaded, points: 15, halves after: 14 days, at most: 45, group: reading}
    - {did: mail ignored, points: -10, at most: -30}
  caps: {firm: 30, reading: 40, interest: 100}
  account: {share: 25%, at most: 20}
  grades: {fit: [40, 20], interest: [60, 25]}
  hysteresis: 5
  qualifies as mql: {all: [{fit: {at least: 40}}, {interest: {at least: 40}}]}
  disqualifies: {role: student}
"""


def test_a_sound_text_has_no_problems():
    assert read(TEXT).problems == []


@pytest.mark.parametrize(
    ("old", "new", "path", "line", "said", "remedy"),
    [
        ("{industry: mining}", "{industy: mining}", "qualification.fit.2.when.not.industy", 9, "Nothing tells 'industy' of a lead.", "Did you mean 'industry'?"),
        ("lead type: demo", "lead tpye: demo", "qualification.fit.4.when.any.1.lead tpye", 11, "Nothing tells 'lead tpye' of a lead.", "Did you mean 'lead type'?"),
        ("{interest: {at least: 40}}", "{intrest: {at least: 40}}", "qualification.qualifies as mql.all.2.intrest", 20, "Nothing tells 'intrest' of a lead.", "Did you mean 'interest'?"),
        ("{fit: {at least: 40}}", "{fti: {at least: 40}}", "qualification.qualifies as mql.all.1.fti", 20, "Nothing tells 'fti' of a lead.", "Did you mean 'fit'?"),
        ("role: student", "e-mail: x@example.org", "qualification.disqualifies.e-mail", 21, "'e-mail' is personal data, which a log never keeps.", "Ask for an attribute, such as `free mail: yes`."),
        ("{employees: {at least: 50}}", "{interest: {at least: 50}}", "qualification.fit.3.when.interest", 10, "A rule of fit asks for interest, which comes of such rules.", "Ask for it under `qualifies as …`."),
        ("{fit: {at least: 40}}", "{fit: high}", "qualification.qualifies as mql.all.1.fit", 20, "fit is a number, never 'high'.", "Write `at least:` or `at most:`."),
        ("caps: {firm: 30", "caps: {firn: 30", "qualification.caps.firn", 16, "No rule is in the group 'firn'.", "Did you mean 'firm'?"),
        ("group: reading", "group: firm", "qualification.interest.2.group", 14, "The group 'firm' holds rules of fit and of interest.", "Give each of the two a group of its own."),
        ("at most: 45, group: reading", "at most: 45, group: interest", "qualification.interest.2.group", 14, "'interest' is no group: it is the whole of interest.", "Give the group another name."),
        ("fit: [40, 20]", "fit: [20, 40]", "qualification.grades.fit", 18, "The grades of fit don't descend: 20, then 40.", "Write the higher one first, such as [40, 20]."),
        ("interest: [60, 25]}", "interest: [60, 60]}", "qualification.grades.interest", 18, "The grades of interest don't descend: 60, then 60.", "Write the higher one first, such as [40, 20]."),
        ("{all: [{fit: {at least: 40}}, {interest: {at least: 40}}]}", "{did: demo requested}", "qualification.hysteresis", 19, "Nobody qualifies by points, so that there is nothing to fall below.", "Ask for `fit` or `interest` under `qualifies as …`, or leave it out."),
        ("at once: [demo requested]", "at once: [demo requsted]", "handoff.at once.1", 5, "Leads don't do 'demo requsted' anywhere in this agreement.", "Did you mean 'demo requested'?"),
        ("halves after: 14 days", "halves after: 0 days", "qualification.interest.2.halves after", 14, "Points that fade by half in no time are none.", "Write a time above zero."),
        ("at most: -30", "at most: 30", "qualification.interest.3.at most", 15, "Points of -10 never reach +30.", "Give both the same sign."),
        ("at most: 20}", "at most: -20}", "qualification.account.at most", 17, "The interest of colleagues can't be at most -20.", "Write zero or more."),
        ("points: 60", "points: 1000001", "qualification.interest.1.points", 13, "1000001 are more points than any score has.", "Write at most 1,000,000."),
    ],
)  # fmt: skip
def test_what_no_score_can_be_made_of(old, new, path, line, said, remedy):
    assert old in TEXT
    text = TEXT.replace(old, new, 1)
    if "group: interest" in new or "group: firm" in new:
        text = text.replace("reading: 40, ", "")
    found = read(text).problems
    assert [tuple(one) for one in found if one.path == path] == [(path, line, said, remedy)]
    assert len(found) == 1, found


@pytest.mark.parametrize(
    ("path", "line", "text"),
    [
        ("handoff.at once", 5, "A lead is handed over at any score when this happened: demo requested."),
        ("qualification.caps.firm", 16, "The rules of the group firm (industry) give at most 30 points together."),
        ("qualification.caps.reading", 16, "The rules of the group reading (guide downloaded) give at most 40 points together."),
        ("qualification.caps.interest", 16, "Interest is at most 100 points in all."),
        ("qualification.account", 17, "25% of the points of colleagues at the same company count for a lead too, at most 20 in all."),
        ("qualification.grades", 18, "The grade has a letter for fit (A from 40, B from 20 points, else C) and a digit for interest (1 from 60, 2 from 25 points, else 3): A1 is the best."),
        ("qualification.hysteresis", 19, "A lead that has qualified qualifies anew only after it has fallen 5 points below the rule."),
    ],
)  # fmt: skip
def test_a_clause_of_scoring_in_a_sentence(path, line, text):
    reading = read(TEXT)
    told = {said.path: said for said in explain(reading.agreement, reading.lines)}
    assert tuple(told[path]) == (path, line, text)
