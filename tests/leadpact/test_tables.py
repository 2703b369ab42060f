"""Exported tables turned into a log by a mapping."""

import pytest

from leadpact.log import SILENT
from leadpact.tables import RefusedRow, convert

HEAD = """mapping: 1
system: crm
zone: Europe/Berlin
dates: [dd.mm.yyyy hh:mm, dd.mm.yyyy]
numbers: 1.234,56
"""
MAPPING = (
    HEAD
    + """tables:
  deals:
    key: Id
    blank: [n/a]
    facts:
      - kind: created
        lead: Id
        at: Created
        fields:
          type: {column: Source, values: {Ads: paid search}}
          source: Source
          contact: Contact
      - kind: handed over
        lead: Id
        at: Created
        when: {Owner: {blank: no}}
        fields: {owner: Owner}
      - kind: won
        lead: Id
        at: Closed
        when: {Stage: Payment Done}
        fields: {amount: Amount, by: {first of: [Closer, Owner]}}
      - kind: lost
        lead: Id
        at: Closed
        when: {Stage: {not: [Payment Done, Open]}}
        fields: {reason: {column: Stage, otherwise: keep}, note: {text: imported}}
  calls:
    key: Id
    joins:
      deal: {table: deals, where: {Contact: Contact}, every: yes}
    facts:
      - kind: attempted
        lead: deal.Id
        at: Start
        when: {Direction: Out, Start: {at or after: deal.Created}}
        fields:
          channel: {text: phone}
          by: Caller
          seconds: {column: Took, duration: clock}
"""
)
DEALS = """Id;Created;Source;Owner;Stage;Closed;Amount;Contact;Closer
D1;13.03.2026 12:00;Ads;Ana;Payment Done;20.03.2026;€ 2.900,00;C1;
D2;14.03.2026 09:30;unknown;;Open;;;C1;
D3;14.03.2026;;Ben;Duplicate;15.03.2026 08:00;;C2;n/a
"""
CALLS = """Id,Start,Contact,Direction,Caller,Took
1,13.03.2026 13:00,C1,Out,Ana,0:00:00
2,15.03.2026 13:00,C1,Out,Ana,"1 day, 0:00:01"
3,13.03.2026 11:00,C1,Out,Ana,0:05:00
4,15.03.2026 13:00,C2,In,Ben,0:05:00
"""


def converted(mapping=MAPPING, deals=DEALS, calls=CALLS, **options):
    files = {"deals": deals.encode(), "calls": calls.encode()}
    return convert(mapping, files, **options)


def told(outcome):
    return [
        " ".join(
            str(form[name]) for name in ("lead", "occurred_at", "kind", *names) if name in form
        )
        for form in outcome.log.facts()
        for names in [("type", "owner", "channel", "seconds", "amount", "by", "reason", "source")]
    ]


def test_rows_become_facts():
    outcome = converted()
    assert outcome.problems == []
    assert outcome.refused == ()
    assert told(outcome) == [
        "D1 2026-03-13T11:00:00Z created paid search Ads",
        "D1 2026-03-13T11:00:00Z handed_over Ana",
        "D1 2026-03-13T12:00:00Z attempted phone 0 Ana",
        "D1 2026-03-15T12:00:00Z attempted phone 86401 Ana",
        "D1 2026-03-20 won 2900 Ana",
        "D2 2026-03-14T08:30:00Z created unknown unknown",
        "D2 2026-03-15T12:00:00Z attempted phone 86401 Ana",
        "D3 2026-03-14 created",
        "D3 2026-03-14 handed_over Ben",
        "D3 2026-03-15T07:00:00Z lost duplicate",
    ]
    assert outcome.log.systems == ("crm",)
    assert outcome.log.flags[2] == SILENT
    assert outcome.log.counts["dates without time"] == 3


def test_notes_tell_how_each_table_was_read_and_what_it_told():
    deals, calls = converted().notes
    assert (deals.table, deals.encoding, deals.separator, deals.rows) == ("deals", "utf-8", ";", 3)
    assert (deals.facts, deals.refused_rows, deals.silent_rows) == (7, 0, 0)
    assert (calls.separator, calls.rows, calls.facts, calls.silent_rows) == (",", 4, 3, 2)
    assert calls.columns_unused == ()


def test_importing_twice_gives_the_same_ids_and_doubled_rows_are_one():
    once, twice = converted(), converted(deals=DEALS + DEALS.split("\n", 1)[1])
    assert once.log.source_ids.to_pylist() == twice.log.source_ids.to_pylist()
    assert told(once) == told(twice)
    assert once.log.source_ids[4].as_py() == "deals/D1/won"
    assert once.log.source_ids[3].as_py() == "calls/2/attempted/D1"


@pytest.mark.parametrize(
    "deals, row, column, reason",
    [
        (DEALS.replace("13.03.2026 12:00", "2026-03-13"), 2, "Created", "'2026-03-13' is no date"),
        (DEALS.replace("13.03.2026 12:00", "31.02.2026"), 2, "Created", "'31.02.2026' is no date"),
        (DEALS.replace("20.03.2026", ""), 2, "Closed", "The fact has no time"),
        (DEALS.replace("€ 2.900,00", "2,900.00"), 2, "Amount", "'2,900.00' is no number"),
        (
            DEALS.replace("€ 2.900,00", "0,00001"),
            2,
            "amount",
            "'0.00001' is no number with at most",
        ),
        (DEALS.replace("D2;", ";"), 3, "Id", "The fact names no lead"),
        (DEALS.replace(";C2;", ""), 4, "", "The row has 7 fields, the header has 9."),
    ],
)
def test_a_row_that_can_not_be_read_is_refused_with_its_reason(deals, row, column, reason):
    outcome = converted(deals=deals)
    refused = [one for one in outcome.refused if one.table == "deals"]
    assert {(one.row, one.column) for one in refused} == {(row, column)}
    assert refused[0].reason.startswith(reason)
    assert refused[0].remedy
    assert outcome.log is not None
    assert outcome.refused_count >= 1


def test_a_refused_row_stops_the_conversion_where_that_is_asked_for():
    wrong = DEALS.replace("20.03.2026", "soon")
    assert converted(deals=wrong).log is not None
    stopped = converted(deals=wrong, on_refused="stop")
    assert stopped.log is None
    assert [(one.row, one.column) for one in stopped.refused] == [(2, "Closed")]
    assert converted(on_refused="stop").log is not None


def test_a_row_without_partner_is_refused_or_left_out_or_stays_alone():
    calls = CALLS + "5,15.03.2026 13:00,C9,Out,Ana,0:05:00\n"
    assert converted(calls=calls).refused == (
        RefusedRow(
            "calls",
            6,
            "Contact",
            "No row of 'deals' belongs to this one.",
            "Export both tables at the same time, or say `otherwise: leave out`.",
        ),
    )
    left = converted(
        MAPPING.replace("every: yes}", "every: yes, otherwise: leave out}"), calls=calls
    )
    assert (left.refused, len(left.log)) == ((), 10)


def test_without_every_the_first_partner_counts_and_shared_keys_are_told():
    outcome = converted(MAPPING.replace(", every: yes", ""))
    attempts = [line for line in told(outcome) if "attempted" in line]
    assert [line[:2] for line in attempts] == ["D1", "D1"]
    assert outcome.notes[1].keys_shared == 1


def test_values_that_are_not_mapped_are_kept_refused_dropped_or_replaced():
    def types(extra):
        mapping = MAPPING.replace("{Ads: paid search}", "{Ads: paid search}" + extra)
        outcome = converted(mapping)
        rows = outcome.log.fields["type"]
        return [rows.words[code] for code in rows.codes], len(outcome.refused)

    assert types("") == (["paid search", "unknown"], 0)
    assert types(", otherwise: refuse") == (["paid search"], 1)
    assert types(", otherwise: blank") == (["paid search"], 0)
    assert types(", all others: other") == (["paid search", "other"], 0)
    assert types(", if blank: not told") == (["paid search", "unknown", "not told"], 0)


def test_blank_and_unknown_stay_apart():
    outcome = converted()
    source = outcome.log.fields["source"]
    created = [row for row, kind in enumerate(outcome.log.kind) if kind == 0]
    assert [source.of(row) for row in created] == ["Ads", "unknown", None]


def test_a_ledger_is_told_in_lines_of_day_and_measure():
    mapping = (
        HEAD.replace("1.234,56", "1234.56").replace("dd.mm.yyyy hh:mm", "iso")
        + """tables:
  spend:
    ledger:
      - day: Date
        source: Source
        campaign: Campaign
        measures: {spend: Spend, clicks: Clicks}
"""
    )
    text = "Date,Source,Campaign,Spend,Clicks\n2026-03-13,Ads,spring,12.5,3\n2026-03-14,Ads,,0.1,\n,Ads,,1,1\n"
    outcome = convert(mapping, {"spend": text.encode()})
    ledger = outcome.ledger
    assert ledger.day.tolist() == [20_525, 20_526, 20_525]
    assert [ledger.measure.words[code] for code in ledger.measure.codes] == [
        "spend",
        "spend",
        "clicks",
    ]
    assert ledger.amount.tolist() == [125_000, 1_000, 30_000]
    assert [(one.row, one.column) for one in outcome.refused] == [(4, "Date")]
    assert outcome.notes[0].ledger_lines == 3
    assert len(outcome.log) == 0


@pytest.mark.parametrize(
    "change, to, path, problem",
    [
        ("kind: won", "kind: wonn", "tables.deals.facts.3.kind", "'wonn' is no kind of fact."),
        ("amount: Amount", "sum: Amount", "tables.deals.facts.3.fields.sum", "'won' has no field 'sum'."),
        ("at: Closed", "at: Closd", "tables.deals.facts.3.at", "The table 'deals' has no column 'Closd'."),
        ("lead: deal.Id", "lead: deal.Key", "tables.calls.facts.1.lead", "The table 'deals' has no column 'Key'."),
        ("table: deals", "table: deal", "tables.calls.joins.deal.table", "There is no table 'deal'."),
        ("zone: Europe/Berlin", "zone: Berlin", "zone", "'Berlin' is no time zone."),
        ("dd.mm.yyyy hh:mm,", "hh:mm,", "dates", "'hh:mm' is no form of dates"),
        ("1.234,56", "1_234", "numbers", "'1_234' is no form of numbers."),
        ("duration: clock", "duration: watch", "tables.calls.facts.1.fields.seconds.duration", "'watch' is no way"),
        ("    key: Id\n    blank", "    kee: Id\n    blank", "tables.deals.kee", "'kee' is unknown here."),
        ("system: crm\n", "", "system", "'system' is missing."),
        ("mapping: 1", "mapping: 2", "mapping", "Input should be '1'."),
        ("{text: imported}", "{}", "tables.deals.facts.4.fields.note", "The value comes from nowhere."),
    ],
)  # fmt: skip
def test_a_mapping_that_is_wrong_is_refused_with_its_line(change, to, path, problem):
    assert change in MAPPING
    text = MAPPING.replace(change, to, 1)
    outcome = converted(text)
    assert outcome.log is None
    (found,) = [one for one in outcome.problems if one.path == path]
    assert found.problem.startswith(problem)
    assert found.remedy
    if to:
        expected = next(
            n for n, line in enumerate(text.split("\n"), 1) if to.split("\n")[0] in line
        )
        assert found.line == expected


@pytest.mark.parametrize("text", ["", "- a", "a: [", "mapping: &x 1", "mapping: 1\nmapping: 1"])
def test_a_text_that_is_no_mapping_is_refused(text):
    outcome = converted(text)
    assert outcome.log is None
    assert outcome.problems


def test_files_and_tables_must_match():
    outcome = convert(MAPPING, {"deals": DEALS.encode(), "call": CALLS.encode()})
    assert [(one.path, one.problem) for one in outcome.problems] == [
        ("call", "The mapping knows no table 'call'."),
        ("calls", "The table 'calls' is missing."),
    ]
    without = MAPPING.replace("  calls:\n", "  calls:\n    optional: yes\n")
    assert len(convert(without, {"deals": DEALS.encode()}).log) == 7


def test_a_file_that_can_not_be_read_is_a_problem(tmp_path):
    outcome = convert(MAPPING, {"deals": tmp_path / "no.csv", "calls": CALLS.encode()})
    assert [one.path for one in outcome.problems] == ["deals"]


def test_rules_may_say_when_a_fact_was_recorded_and_tables_may_lack_a_key():
    mapping = (
        HEAD
        + """tables:
  deals:
    facts:
      - kind: returned
        lead: Id
        at: Closed
        recorded at: Created
        when: {Closed: {blank: no}}
        fields: {to: {text: re-engage}, not before: Created, entered: {column: Created, dates: [dd.mm.yyyy]}}
"""
    )
    wrong = convert(mapping, {"deals": DEALS.encode()})
    assert [one.path for one in wrong.problems] == ["tables.deals.facts.1.fields.entered"]
    outcome = convert(
        mapping.replace(", entered: {column: Created, dates: [dd.mm.yyyy]}", ""),
        {"deals": DEALS.encode()},
    )
    assert [form.get("recorded_at") for form in outcome.log.facts()] == [
        "2026-03-13T11:00:00Z",
        "2026-03-13T23:00:00Z",
    ]
    assert outcome.log.fields["not_before"].words == (
        "2026-03-13T11:00:00Z",
        "2026-03-13T23:00:00Z",
    )
    assert outcome.log.source_ids is None


def test_a_refused_row_has_a_json_form():
    outcome = converted(deals=DEALS.replace("20.03.2026", "soon"))
    assert outcome.refused[0].as_dict() == {
        "table": "deals",
        "row": 2,
        "column": "Closed",
        "reason": "'soon' is no date in the forms dd.mm.yyyy hh:mm; dd.mm.yyyy.",
        "remedy": "Add its form to `dates`.",
    }


def test_times_of_a_spreadsheet_need_no_form_and_digits_of_any_script_are_read():
    arabic = DEALS.replace("13.03.2026 12:00", "۱۳.۰۳.۲۰۲۶ ۱۲:۰۰")
    assert told(converted(deals=arabic)) == told(converted())
