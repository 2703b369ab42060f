"""Form: fields are known under any spelling, and nothing that a fact says is lost in silence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaddesk.book.codec import incoming
from leadpact import facts
from tests.leaddesk.desk import at, fact, handed_over

NOW = at("2026-03-31 18:00")
PLAIN = handed_over("L-1", "2026-03-12T09:00:00")


def taken(*items, system="api"):
    return incoming(items, zone="Europe/Warsaw", now=NOW, system=system)


def refused(item, system="api"):
    """What is wrong with an item: the paths, and what is to be done about each."""
    found = taken(item, system=system)
    assert not found.rows
    return [(one.path, one.remedy) for one in found.problems[0]]


@pytest.mark.parametrize(
    "item",
    [
        {
            "Lead": "L-1",
            "Kind": "Handed over",
            "Occurred At": "2026-03-12T09:00:00",
            "OWNER": "ana",
        },
        {
            "lead": " L-1 ",
            "kind": "handed-over",
            "occurred_at": "2026-03-12T09:00:00",
            "Owner": "ana",
        },
        PLAIN | {"note": None, "ownr": None},
    ],
)
def test_a_field_is_known_however_it_is_spelt(item):
    (row,), (plain,) = taken(item).rows, taken(PLAIN).rows
    assert row._replace(source_id="") == plain._replace(source_id="")
    (row,) = taken(item | {"Source ID": "crm-7"}).rows
    assert row.source_id == "crm-7"


def test_the_same_fact_spelt_otherwise_is_the_same_fact():
    assert taken({name.upper(): value for name, value in PLAIN.items()}).rows == taken(PLAIN).rows


def test_two_names_of_one_field_are_refused():
    assert refused(PLAIN | {"Lead": "L-2"}) == [("lead", "Leave out one of the two.")]


@pytest.mark.parametrize(
    ("item", "problems"),
    [
        (PLAIN | {"ownr": "ana"}, [("ownr", "Did you mean 'owner'?")]),
        (PLAIN | {"email": "z@x.example"}, [("email", "Write it into the contact of the lead.")]),
        (
            fact("L-1", "described", "2026-03-12", Phone="1"),
            [("phone", "Write it into the contact of the lead.")],
        ),
        (
            {"lead": "L-1", "kind": "won", "occured_at": "2026-03-12"},
            [("occurred_at", "Add it."), ("occured_at", "Did you mean 'occurred_at'?")],
        ),
        ({"kind": "won", "occurred_at": "2026-03-12"}, [("lead", "Add it.")]),
        ({"lead": " ", "kind": "won", "occurred_at": "2026-03-12"}, [("lead", "Add it.")]),
        (PLAIN | {" ": 1}, [("", "Leave out one of the two.")]),
    ],
)
def test_what_would_be_lost_is_refused(item, problems):
    assert refused(item) == problems


def test_an_open_kind_keeps_any_other_field():
    (row,) = taken(
        fact("L-1", "described", "2026-03-12", **{"Team Size": 7, "source": "fair"})
    ).rows
    assert row.body == '{"source":"fair","team_size":7}'


def test_a_source_is_the_system_where_the_kind_has_no_such_field():
    (row,) = taken(PLAIN | {"source": "crm"}).rows
    assert (row.system, row.body) == ("crm", '{"owner":"ana"}')
    (row,) = taken(fact("L-1", "engaged", "2026-03-12", what="demo", source="fair")).rows
    assert (row.system, row.body) == ("api", '{"source":"fair","what":"demo"}')


@pytest.mark.parametrize("name", ["leadpact", "leadpact ", " LeadPact", "\tLEADPACT\n"])
@pytest.mark.parametrize("field", ["system", "System", "source"])
def test_nobody_tells_a_fact_in_the_name_of_the_desk(name, field):
    assert [path for path, _remedy in refused(PLAIN | {field: name})] == ["system"]
    assert taken(PLAIN | {field: name}, system="leadpact").rows


def test_what_lacks_a_field_spoils_no_other():
    items = [{"kind": "won"}, {"lead": "L-1"}, {}, PLAIN, 7, {"kind": "won", "lead": 0}]
    found = taken(*items)
    assert (found.places, [*found.problems]) == ([3], [0, 1, 2, 4, 5])
    (row,) = taken(PLAIN | {"lead": 0}).rows
    assert row.lead == "0"


VALUES = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.lists(st.none())
VALUES |= st.sampled_from(["L-1", "won", "merged", "Described", "2026-03-12", "2026-03-12T09:00Z"])
NAMES = st.sampled_from(["lead", "LEAD", "account", "kind", "Kind ", "occurred_at", "occurred at"])
NAMES |= st.sampled_from(["system", "date_only", "source_id", "into", "form", "by"])
NAMES |= st.text(st.characters(), max_size=4)
USUAL = {"lead": "L-1", "kind": "won", "occurred_at": "2026-03-12"}
ITEMS = st.dictionaries(NAMES, VALUES, max_size=5)


@given(st.lists(ITEMS | ITEMS.map(lambda one: USUAL | one) | VALUES, max_size=6))
def test_whatever_comes_in_is_a_row_or_a_problem(items):
    found = taken(*items)
    assert sorted([*found.places, *found.problems]) == [*range(len(items))]
    assert all(row.lead or row.account for row in found.rows)
    assert all(row.kind != facts.RULED and row.system != "leadpact" for row in found.rows)
    for problems in found.problems.values():
        assert [str(one).encode() for one in problems]
