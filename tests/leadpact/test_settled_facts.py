"""What is settled about facts and who they are about: now, late, twice, merged, of an account."""

import os
import subprocess
import sys

import pytest

from leadpact.facts import KINDS
from leadpact.log import Log
from leadpact.measure import acceptance, compliance
from tests.leadpact.told import (
    FIRST_CONTACT,
    agreed,
    at,
    facts,
    judged,
    local,
    log_of,
    only,
    promising,
    rows,
    verdict,
    verdicts,
)

HANDED = "2026-03-09 09:00  handed_over  owner=ana\n"

# Now, and the order of happening.


def test_facts_later_than_now_are_ignored_and_counted():
    told = HANDED + "2026-03-09 12:00  attempted\n2026-03-10 09:00  attempted"
    found = judged(FIRST_CONTACT, told, "2026-03-09 11:00")
    assert [row["verdict"] for row in found.obligations.rows()] == ["open"]
    assert found.log.counts["future"] == 2
    assert found.wake_at == at("2026-03-09 12:00")


def test_facts_are_told_in_the_order_of_happening_and_not_of_arrival():
    told = """
        2026-03-09 15:00  attempted
        2026-03-09 12:00  attempted
        2026-03-09 09:00  handed_over  owner=ana
    """
    row = only(FIRST_CONTACT, told)
    assert (row["verdict"], local(row["answered_at"])) == ("kept", "2026-03-09 12:00")


def test_the_same_fact_of_the_same_source_counts_once():
    twice = 2 * (HANDED + "2026-03-09 10:00  attempted  source_id=7\n")
    ladder = promising(
        "{after: handed over, do: attempted, ladder: [{times: 1, within: 1 day}, {times: 2, within: 2 days}]}"
    )
    told = [{**fact, "source_id": fact["kind"], "system": "crm"} for fact in facts(twice)]
    found = judged(ladder, told, "2026-03-20 09:00")
    assert [row["verdict"] for row in found.obligations.rows()] == ["kept", "broken"]
    assert found.log.counts["duplicates"] == 2


def test_of_two_tellings_of_one_fact_the_first_recorded_stands():
    told = [
        *facts(HANDED),
        *facts("2026-03-09 16:00  attempted  source_id=7 recorded_at=2026-03-11T09:00:00Z"),
        *facts("2026-03-09 10:00  attempted  source_id=7 recorded_at=2026-03-10T09:00:00Z"),
    ]
    found = judged(FIRST_CONTACT, told, "2026-03-20 09:00")
    assert [row["verdict"] for row in found.obligations.rows()] == ["kept"]
    assert found.log.counts["conflicting duplicates"] == 1


def test_what_a_fact_leaves_out_is_its_own_time_its_file_and_its_content():
    log = log_of([{"lead": "L", "occurred_at": "2026-03-09T09:00:00+01:00", "kind": "created"}] * 2)
    assert (log.recorded_at == log.at).all()
    assert [log.systems[source] for source in log.source] == ["told"]
    assert (len(log), log.counts["duplicates"]) == (1, 1)


# Kinds.


def test_there_are_at_most_25_kinds_named_in_the_past_tense():
    names = [kind.name for kind in KINDS]
    assert len(names) == len(set(names)) <= 25
    assert [name for name in names if not name.endswith("ed")] == ["handed_over", "won", "lost"]


@pytest.mark.parametrize("name", ["handed over", "handed_over", "Handed Over"])
def test_spaces_stand_for_underscores_in_the_text(name):
    clause = promising(f"{{after: {name}, do: attempted, within: 1 day}}")
    assert verdicts(clause, "2026-03-09 09:00  handed_over") == ["open"]


@pytest.mark.parametrize("written", ["demo_requested", "'demo requested'", "'Demo Requested'"])
def test_behaviour_is_one_kind_with_what_was_done(written):
    clause = promising("{after: demo requested, do: attempted, within: 1 day}")
    assert verdicts(clause, f"2026-03-09 09:00  engaged  what={written}") == ["open"]


def test_spend_is_no_fact():
    told = [{"lead": "L", "occurred_at": "2026-03-09", "kind": "spent", "amount": "10"}]
    _log, problems = Log.from_facts(told)
    assert [problem.path for problem in problems] == ["kind"]


# Across leads.


def test_a_merge_keeps_the_earliest_start_and_one_clock():
    told = """
        2026-03-09 09:00  handed_over  lead=B owner=ben
        2026-03-09 11:00  handed_over  lead=A owner=ana
        2026-03-09 12:00  merged       lead=B into=A
        2026-03-09 14:00  attempted    lead=A
    """
    found = judged(FIRST_CONTACT, told, "2026-03-20 09:00")
    assert [
        (row["lead"], row["owner"], local(row["started_at"]), row["verdict"])
        for row in found.obligations.rows()
    ] == [
        ("A", "ana", "2026-03-09 09:00", "broken"),
        ("B", "ben", "2026-03-09 09:00", "excused"),
    ]
    assert len(found.stories.rows()) == 2


def test_facts_of_a_merged_lead_bear_the_key_that_they_came_with():
    told = """
        2026-03-09 09:00  created    lead=A
        2026-03-09 10:00  attempted  lead=B
        2026-03-09 12:00  merged     lead=B into=A
    """
    log = judged(FIRST_CONTACT, told).log
    own = log.lead_rows("A")
    assert [log.fields["merged_from"].of(row) for row in range(own.start, own.stop)] == [None, "B"]


def test_a_merge_to_come_changes_nothing_yet():
    told = "2026-03-09 09:00  handed_over lead=B\n2026-03-09 09:00  created lead=A\n"
    told += "2026-03-09 12:00  merged lead=B into=A"
    assert verdicts(FIRST_CONTACT, told, "2026-03-09 11:00") == ["open"]
    assert sorted(verdicts(FIRST_CONTACT, told, "2026-03-09 12:00")) == ["excused", "open"]


def test_a_fact_about_an_account_reaches_all_leads_of_the_account():
    told = [
        *facts(
            "2026-03-09 08:00  created lead=A account=Acme\n2026-03-09 09:00  handed_over lead=A"
        ),
        *facts(
            "2026-03-09 08:00  created lead=B account=Acme\n2026-03-09 09:00  handed_over lead=B"
        ),
        *facts(
            "2026-03-09 08:00  created lead=C account=Other\n2026-03-09 09:00  handed_over lead=C"
        ),
        {"account": "Acme", "occurred_at": "2026-03-09 10:00", "kind": "replied"},
    ]
    told = [{name: v for name, v in fact.items() if name != "source_id"} for fact in told]
    found = rows(FIRST_CONTACT, told, "2026-03-20 09:00")
    assert [(row["lead"], row["verdict"]) for row in found] == [
        ("A", "kept"),
        ("B", "kept"),
        ("C", "broken"),
    ]


def test_a_fact_that_was_taken_back_never_was():
    told = HANDED + "2026-03-09 10:00  attempted  source_id=7"
    assert verdict(FIRST_CONTACT, told, "2026-03-20 09:00") == "kept"
    told += "\n2026-03-12 09:00  corrected  fact=7 by=ana why='wrong person'"
    assert verdict(FIRST_CONTACT, told, "2026-03-20 09:00") == "broken"


# Who writes what: the engine trusts the log and adds nothing to it.

SCORED = """
qualification:
  interest: [{did: demo requested, points: 60}]
  qualifies as mql: {did: demo requested}
handoff: {when: mql, accept within: 8 working hours}
"""


def test_nobody_is_qualified_handed_over_or_accepted_but_by_a_fact():
    asked = "2026-03-09 08:00  created\n2026-03-09 09:00  engaged  what='demo requested'"
    found = judged(SCORED + FIRST_CONTACT, asked, "2026-03-20 09:00")
    assert found.obligations.rows() == []
    assert found.stories.rows()[0]["stage"] == "lead"
    silent = judged(
        SCORED + FIRST_CONTACT, asked + "\n2026-03-09 09:00  handed_over", "2026-03-20 09:00"
    )
    assert silent.stories.rows()[0]["stage"] == "mql"
    assert acceptance(silent).undecided == 1


def test_acceptance_by_silence_is_reported_as_undecided_by_sales():
    told = HANDED + "2026-03-10 09:00  accepted  silent=yes"
    found = acceptance(judged(FIRST_CONTACT, told, "2026-03-20 09:00"))
    assert (found.accepted, found.silent, found.decided) == (0, 1, 0)


# Lead types, and whom an agreement and a promise cover.


def test_the_lead_type_stands_on_the_creation():
    told = "2026-03-09 08:00  created  type=chat stream=shops\n" + HANDED
    found = compliance(judged(FIRST_CONTACT, told, "2026-03-20 09:00"))
    assert [line.lead_type for line in found if line.by == "lead type"] == ["chat"]


@pytest.mark.parametrize(
    "covered",
    [
        "applies to: {lead type: chat}\n" + FIRST_CONTACT,
        FIRST_CONTACT.replace("4 working hours", "4 working hours, for: {lead type: chat}"),
    ],
    ids=["applies to", "for"],
)
def test_an_agreement_and_a_promise_cover_the_leads_that_they_name(covered):
    told = "".join(
        f"2026-03-09 08:00  created  lead={lead} type={lead}\n2026-03-09 09:00  handed_over  lead={lead}\n"
        for lead in ("chat", "demo")
    )
    assert [row["lead"] for row in rows(covered, told)] == ["chat"]


def test_a_condition_holds_by_what_is_known_when_the_promise_begins():
    large = promising(
        "{after: handed over, do: attempted, within: 1 day, for: {employees: {at least: 50}}}"
    )
    told = "2026-03-09 09:00  handed_over\n{at}  described  employees=50"
    assert verdicts(large, told.format(at="2026-03-09 09:00")) == ["open"]
    assert verdicts(large, told.format(at="2026-03-09 09:01")) == []


@pytest.mark.parametrize(
    "about, count",
    [
        ("{source: fair}", 1),
        ("{campaign: spring}", 1),
        ("{segment: smb}", 1),
        ("{stream: shops}", 1),
        ("{fit: {at least: 41}}", 1),
        ("{source: web}", 0),
        ("{channel: phone}", 0),
        ("{did: guide downloaded, within: 1 day}", 1),
    ],
)
def test_conditions_are_about_the_lead_and_not_about_whatever_happened_last(about, count):
    told = """
        2026-03-09 08:00  created      source=Fair campaign=spring segment=SMB stream=shops
        2026-03-09 08:10  scored       fit=41
        2026-03-09 08:20  engaged      what="guide downloaded" source=web campaign=summer
        2026-03-09 08:30  attempted    channel=phone
        2026-03-09 09:00  handed_over
    """
    clause = promising(f"{{after: handed over, do: attempted, within: 1 day, for: {about}}}")
    assert len(rows(clause, told)) == count


# The compiler.

MOMENT = "2026-03-20T09:00:00+01:00"


def test_without_the_compiler_the_command_judges_all_the_same_and_says_so(tmp_path):
    text = "leadpact: 1\nagreement: Northwind\nversion: 1\nvalid from: 2026-01-01\nzone: Europe/Warsaw\n"
    (tmp_path / "a.yaml").write_text(text + FIRST_CONTACT)
    fact = '{"lead": "L", "occurred_at": "2026-03-09T09:00:00+01:00", "kind": "handed_over"}\n'
    (tmp_path / "log.jsonl").write_text(fact)
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "leadpact",
            "judge",
            "a.yaml",
            "log.jsonl",
            "--json",
            "--now",
            MOMENT,
        ],
        cwd=tmp_path,
        env={**os.environ, "LEADPACT_UNCOMPILED": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, '"verdict": "broken"' in done.stdout) == (0, True)
    assert "plain Python" in done.stderr


def test_the_people_of_an_agreement_have_team_weight_calendar_and_leave_each_dated():
    clauses = """
people:
  ana: {team: inbound, weight: 2, calendar: office, leave: [2026-02-02/2026-02-13], from: 2026-01-01, to: 2026-12-31}
teams: {inbound: {}}
"""
    ana = agreed(clauses + FIRST_CONTACT).people["ana"]
    assert (ana.team, int(ana.weight), ana.calendar, len(ana.leave)) == ("inbound", 2, "office", 1)
    assert (str(ana.from_), str(ana.to)) == ("2026-01-01", "2026-12-31")


def test_someone_looks_again_when_a_fact_about_an_account_is_to_come():
    told = facts("2026-03-09 08:00  created account=Acme\n2026-03-09 09:00  handed_over")
    told.append({"account": "Acme", "occurred_at": "2026-03-09 12:00", "kind": "replied"})
    assert judged(FIRST_CONTACT, told, "2026-03-09 10:00").wake_at == at("2026-03-09 12:00")
