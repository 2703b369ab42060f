"""The closed union of facts."""

from pathlib import Path

import pytest

from leadpact import facts

KINDS = [
    "created",
    "described",
    "engaged",
    "replied",
    "scored",
    "moved",
    "handed_over",
    "accepted",
    "rejected",
    "assigned",
    "attempted",
    "returned",
    "disqualified",
    "converted",
    "won",
    "lost",
    "suppressed",
    "merged",
    "paused",
    "resumed",
    "enrolled",
    "ruled",
    "waived",
    "disputed",
    "corrected",
]


def test_the_union_is_closed_and_its_order_is_the_code():
    assert [kind.name for kind in facts.KINDS] == KINDS
    assert len(facts.KINDS) == 25
    assert [facts.CODES[name] for name in KINDS] == list(range(25))
    assert (facts.CREATED, facts.ATTEMPTED, facts.CORRECTED) == (0, 10, 24)


def test_a_kind_has_one_subject_one_person_and_one_amount_at_most():
    for kind in facts.KINDS:
        roles = [field.role for field in kind.fields if field.role != "field"]
        assert len(roles) == len(set(roles)), kind.name
        names = [name for field in kind.fields for name in (field.name, *field.aliases)]
        assert len(names) == len(set(names)), kind.name
        assert kind.meaning.endswith("."), kind.name


@pytest.mark.parametrize(
    "kind, name, role",
    [
        (facts.HANDED_OVER, "to", "person"),
        (facts.HANDED_OVER, "by", "field"),
        (facts.MOVED, "to", "subject"),
        (facts.ATTEMPTED, "duration", "amount"),
        (facts.WON, "note", "field"),
        (facts.CREATED, "anything", "field"),
    ],
)
def test_a_field_is_found_by_its_name_or_another_it_goes_by(kind, name, role):
    field = facts.field_of(kind, name)
    assert field is not None
    assert field.role == role


def test_a_kind_that_is_not_open_knows_only_its_own_fields():
    assert facts.field_of(facts.WON, "anything") is None


def test_words_and_names_are_compared_folded():
    assert facts.word("  Demo_Requested ") == "demo requested"
    assert facts.key("Handed Over") == facts.key("handed-over") == "handed_over"


def test_facts_of_this_form_stay_as_they_are_and_forms_to_come_are_refused():
    fact = {"lead": "A", "kind": "won"}
    assert facts.upcast(fact, facts.FORM) == fact
    with pytest.raises(ValueError, match="2"):
        facts.upcast(fact, facts.FORM + 1)


def test_the_reference_names_every_kind_and_field_and_is_current():
    text = facts.reference()
    assert Path("docs/facts.md").read_text("utf-8") == text
    for kind in facts.KINDS:
        assert f"### {kind.name}\n" in text
        assert all(f"| `{field.name}`" in text for field in kind.fields)
