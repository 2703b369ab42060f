"""Beginning: templates, the interview, the schema and the reference."""

import json
from datetime import date
from decimal import Decimal
from fractions import Fraction

import jsonschema
import pytest
from pydantic import TypeAdapter
from ruamel.yaml import YAML

from leadpact.agreement import reference, shape
from leadpact.agreement.check import examine
from leadpact.agreement.conditions import Condition, Is
from leadpact.agreement.interview import QUESTIONS, draft
from leadpact.agreement.new import new, quoted, templates
from leadpact.agreement.reference import clauses
from leadpact.agreement.schema import schema
from leadpact.agreement.snippets import SNIPPETS
from leadpact.document import parse
from leadpact.units import Misread
from tests.leadpact.agreements import EVERY_CLAUSE

NAMES = ["agency", "hubspot", "minimal", "packhelp"]
EXAMPLES = {question.key: question.example for question in QUESTIONS}


def test_the_templates_say_what_they_are_for():
    assert list(templates()) == NAMES
    assert all(about.endswith(".") for about in templates().values())


@pytest.mark.parametrize("template", NAMES)
@pytest.mark.parametrize(
    "start", [date(2026, 1, 1), date(2028, 2, 29), date(2026, 11, 22)], ids=str
)
def test_a_new_agreement_has_no_problem(template, start):
    reading = examine(new(template, "New business", start))
    assert reading.problems == []
    assert reading.agreement.valid_from == start
    assert (reading.agreement.term.to - start).days in {364, 365}


@pytest.mark.parametrize(
    "name", ['A: "b" #c', "yes", "null", "[x", "Nové — 2026", "\u202ex\x85y", "1", "x "]
)
def test_any_name_may_be_given(name):
    reading = examine(new("minimal", name, date(2026, 1, 1)))
    assert reading.problems == []
    assert reading.agreement.agreement == name.strip()


def test_a_template_that_is_not_there_has_a_remedy():
    with pytest.raises(
        Misread, match=r"There is no template 'minimals'\. Did you mean 'minimal'\?"
    ):
        new("minimals", "A", date(2026, 1, 1))
    with pytest.raises(Misread, match="needs a name"):
        new("minimal", " ", date(2026, 1, 1))


def test_the_reverse_funnel_has_its_figures():
    agreement = examine(new("packhelp", "A", date(2026, 1, 1))).agreement
    assert agreement.goal.quota.amount == Decimal(500_000)
    steps = {
        step: values[0].value for step, values in agreement.funnel["website form"].steps.items()
    }
    assert steps == {"mql to sql": "34%", "sql to opportunity": "82%", "win": "23%"}
    assert agreement.funnel["website form"].order_value[0].value == "2000"


def test_a_rep_of_the_second_template_turns_100_leads_into_5_customers():
    agreement = examine(new("hubspot", "A", date(2026, 1, 1))).agreement
    leads = agreement.promises["marketing"]["leads for each rep"]
    assert (leads.amount, leads.per, leads.each) == (Decimal(100), "rep", "month")
    chain = [Fraction(100)]
    for values in agreement.funnel["inbound"].steps.values():
        rate = values[0].value
        chain.append(
            chain[-1] * (Fraction(rate[:-1]) / 100 if rate.endswith("%") else Fraction(rate))
        )
    assert chain == [100, 50, 30, 15, 5]
    called, calls = (agreement.promises["sales"][name] for name in ("called", "five calls"))
    assert [(times, str(span)) for _rung, times, span in called.rungs] == [(1, "24 hours")]
    assert [(times, str(span)) for _rung, times, span in calls.rungs] == [(5, "14 days")]


def test_the_agency_counts_clients_proposals_leads_and_traffic():
    agreement = examine(new("agency", "A", date(2026, 1, 1))).agreement
    assert agreement.stages == ("traffic", "lead", "proposal", "client")
    assert list(agreement.funnel["website"].steps) == ["traffic to lead", "lead to proposal", "win"]


def test_answers_to_all_questions_make_an_agreement_without_problems():
    reading = examine(draft(EXAMPLES))
    assert reading.problems == []
    assert reading.agreement.handoff.route.most == (120, "month")
    assert reading.agreement.promises["sales"]["follow-up"].times == 5


def test_every_blank_that_stays_is_reported():
    open_questions = [question.key for question in QUESTIONS if question.default is None]
    reported = examine(draft({})).problems
    assert all("filled in" in problem.problem for problem in reported)
    assert len(reported) >= len(open_questions)
    for key in open_questions:
        left = examine(draft({**EXAMPLES, key: ""})).problems
        assert any("filled in" in problem.problem for problem in left), key


@pytest.mark.parametrize(
    ("key", "answer"),
    [
        ("start", "tomorrow"),
        ("quota", "a lot"),
        ("rate", "7"),
        ("first contact", "soon"),
        ("attempts", "0"),
        ("zone", "Europe/Warsow"),
        ("currency", "euro"),
        ("stages", "lead"),
        ("stages", "lead, a: b"),
        ("sales", ","),
        ("review", "often"),
    ],
)
def test_an_answer_that_makes_no_sense_is_refused_at_once(key, answer):
    with pytest.raises(Misread):
        draft({**EXAMPLES, key: answer})


def test_odd_answers_stay_what_they_are():
    odd = {
        "sales": 'an"a, b: c, [d',
        "platform": "a: {b} # c",
        "quota": "50,000",
        "owner": "mia, jon",
    }
    reading = examine(draft({**EXAMPLES, **odd}))
    assert reading.agreement.between["sales"] == ('an"a', "b: c", "[d")
    assert reading.agreement.platform == "a: {b} # c"
    assert reading.agreement.goal.quota.amount == Decimal(50_000)
    assert [problem.problem for problem in reading.problems] == ["There is no person 'mia, jon'."]


def test_other_stages_may_be_chosen():
    stages = "traffic, lead, proposal, client"
    reading = examine(draft({**EXAMPLES, "stages": stages}))
    assert reading.problems == []
    assert reading.agreement.handoff.when == "lead"
    assert reading.agreement.promises["sales"]["conversion"].parts == ("client", "lead")


def test_plain_texts_stay_plain():
    assert [quoted(text) for text in ("a b", "a: b", "1")] == ["a b", '"a: b"', '"1"']
    assert quoted("a, b") == "a, b"
    assert quoted("a, b", flow=True) == '"a, b"'


SCHEMA = jsonschema.Draft202012Validator(schema())


def texts():
    return [EVERY_CLAUSE, draft(EXAMPLES), *(new(name, "A", date(2026, 1, 1)) for name in NAMES)]


def test_the_schema_is_a_schema_of_the_draft_it_names():
    jsonschema.Draft202012Validator.check_schema(schema())
    assert schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema()["$id"] == "urn:leadpact:agreement:1"


@pytest.mark.parametrize("text", texts(), ids=range(len(texts())))
def test_the_schema_accepts_what_loads_however_an_editor_types_it(text):
    assert list(SCHEMA.iter_errors(parse(text)[0].value)) == []
    typed = json.loads(json.dumps(YAML(typ="safe", pure=True).load(text), default=str))
    assert list(SCHEMA.iter_errors(typed)) == []


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ((), "nurtur"),
        (("handoff",), "wehn"),
        (("funnel", "outbound"), "sher"),
        (("goal", "quota"), "amont"),
    ],
)
def test_the_schema_refuses_unknown_keys(path, key):
    value = parse(EVERY_CLAUSE)[0].value
    inner = value
    for step in path:
        inner = inner[step]
    inner[key] = "x"
    (error,) = SCHEMA.iter_errors(value)
    assert key in error.message


def test_the_schema_wants_what_must_be_there():
    missing = [
        error.message for error in SCHEMA.iter_errors({"leadpact": "1", "valid_from": "2026-01-01"})
    ]
    assert missing == ["'agreement' is a required property", "'version' is a required property"]
    assert list(SCHEMA.iter_errors({"leadpact": 1, "agreement": "A", "version": 1})) != []


def test_the_reference_holds_every_clause_and_every_key():
    page = reference.text()
    for clause in clauses():
        section = page.split(f"\n## {reference.title(clause)}\n")[1].split("\n## ")[0]
        assert [key for key in shape.keys(clause) if f"`{key}`" not in section] == []
        assert SNIPPETS[clause.__name__].strip() in section


@pytest.mark.parametrize("clause", clauses(), ids=lambda clause: clause.__name__)
def test_every_clause_explains_itself_by_an_example_that_loads(clause):
    assert clause.__doc__
    assert [name for name, field in clause.model_fields.items() if not field.description] == []
    kind = Condition if clause is Is else clause
    TypeAdapter(kind).validate_python(parse(SNIPPETS[clause.__name__])[0].value)


def test_there_is_a_snippet_for_each_clause_and_no_other():
    assert SNIPPETS.keys() == {clause.__name__ for clause in clauses()}
