"""Interview: the clauses with blanks and the questions that lead to a first draft of an agreement."""

import re
from collections.abc import Callable, Mapping
from string import Template
from typing import Any, NamedTuple

from leadpact import units
from leadpact.agreement.clause import named
from leadpact.agreement.new import a_year_from, quoted
from leadpact.units import Misread
from leadpact.words import _

BLANK = "…"


class Question(NamedTuple):
    """One blank of the draft.

    `asks` is the question, `example` an answer; `reader` returns the answer's value or raises
    `Misread`; `default` is taken for an empty answer, None leaves the blank for `check` to report.
    """

    key: str
    asks: str
    example: str
    reader: Callable[[str], Any]
    default: str | None = None

    def answer(self, text: str) -> str:
        """A given answer, checked, or else the default or the blank. Raises `Misread`."""
        plain = " ".join(text.split())
        if not plain:
            return BLANK if self.default is None else self.default
        self.reader(plain)
        return plain


def _sentence(text: str) -> str:
    if not text.strip():
        raise Misread(_("Nothing is written here."), _("Write a few words."))
    return text


def _list(text: str) -> list[str]:
    found = [part.strip() for part in text.replace(";", ",").split(",") if part.strip()]
    if not found:
        raise Misread(_("No word stands here."), _("Write words, separated by commas."))
    return found


def _stages(text: str) -> list[str]:
    found = _list(text)
    plain = all(re.fullmatch(r"[^\W\d_][\w -]*", stage) for stage in found)
    if len(set(map(named, found))) < max(2, len(found)) or not plain:
        raise Misread(
            _("A funnel has at least two stages, each a name of its own."),
            _("Write them in order, separated by commas."),
        )
    return found


def _currency(text: str) -> str:
    if len(text) != 3 or not (text.isascii() and text.isalpha() and text.isupper()):
        raise Misread(
            _("'{text}' is no currency.").format(text=text), _("Write three capitals, such as EUR.")
        )
    return text


def _zone(text: str) -> str:
    from leadpact.clock import CalendarError, zone_named

    try:
        zone_named(text)
    except CalendarError as error:
        raise Misread(str(error), "") from None
    return text


def _many(text: str) -> int:
    if (count := units.count(text)) < 1:
        raise Misread(_("That is none."), _("Write 1 or more."))
    return count


QUESTIONS: tuple[Question, ...] = (
    Question("name", "What is the agreement called?", "New business 2026", _sentence),
    Question("start", "From which day is it in force?", "2026-01-01", units.day),
    Question("marketing", "Who is in marketing?", "mia, jon", _list),
    Question("sales", "Who is in sales?", "ana, ben", _list),
    Question("zone", "In which time zone do they work?", "Europe/Berlin", _zone, "UTC"),
    Question("currency", "In which currency is revenue counted?", "EUR", _currency, "EUR"),
    Question(
        "platform",
        "Which platform keeps all customer information, from first touch to last?",
        "our CRM",
        _sentence,
    ),
    Question(
        "goal",
        "What do the company, sales and marketing want to reach together?",
        "twice as much new business as last year",
        _sentence,
    ),
    Question("quota", "How much revenue is that each month?", "50000", units.amount),
    Question("owner", "Who answers for it?", "mia", _sentence),
    Question("how", "How are these goals to be reached?", "fairs, guides and referrals", _sentence),
    Question(
        "opinion",
        "What do those concerned think of the goals?",
        "bold, but within reach if leads get better",
        _sentence,
    ),
    Question(
        "stages",
        "Through which stages is selling measured, in order?",
        "lead, mql, sql, opportunity, customer",
        _stages,
        "lead, mql, sql, opportunity, customer",
    ),
    Question(
        "mql",
        "Who counts as a qualified lead (mql)?",
        "a company of 20 or more that asked for a demo",
        _sentence,
    ),
    Question(
        "sources", "By doing what does marketing produce good leads?", "guides and fairs", _sentence
    ),
    Question(
        "learn",
        "What must marketing learn about users and prospects?",
        "size, role, need, budget",
        _list,
    ),
    Question(
        "quality", "By which factors is lead quality made sure?", "industry and role", _sentence
    ),
    Question("industries", "Which industries fit?", "retail, food", _list),
    Question(
        "delivery", "By which ways are leads delivered to sales?", "email, slack", _list, "email"
    ),
    Question("mqls", "How many mqls does marketing deliver each month?", "200", _many),
    Question("rate", "Which share of mqls becomes an opportunity?", "7%", units.rate),
    Question("least", "How many mqls does each seller get a month at least?", "80", _many),
    Question("most", "And at most?", "120", _many),
    Question(
        "first contact",
        "Within what time is a lead contacted?",
        "4 working hours",
        units.span,
    ),
    Question("attempts", "How many attempts are made on each lead?", "5", _many),
    Question("follow-up", "Within what time are they made?", "28 days", units.span),
    Question(
        "relations",
        "How does sales keep up and deepen its relations with customers?",
        "a call each quarter and news of their trade",
        _sentence,
    ),
    Question(
        "sales kpis",
        "By what is the work of sales measured?",
        "time to first contact, win rate",
        _list,
        "time to first contact, number of attempts, win rate",
    ),
    Question(
        "mql kpis",
        "By what are mqls measured?",
        "number, conversion to opportunity",
        _list,
        "number of mqls, conversion of mqls, value delivered",
    ),
    Question(
        "report",
        "When does the day's report go to both sides and to service?",
        "daily 17:30",
        _sentence,
        "daily 17:30",
    ),
    Question(
        "loop",
        "By which closed loops and reports are the results evaluated?",
        "each deal traced back to its campaign, once a month",
        _sentence,
    ),
    Question("review", "How often is the agreement reviewed?", "monthly", units.period, "monthly"),
)
"""The blanks of the ten clauses and the nine questions, and what every agreement needs besides."""


def draft(answers: Mapping[str, str]) -> str:
    """The text of an agreement from answers by the key of their question.

    What is not answered, and has no default, stays a blank (…) that `check` reports. Raises
    `Misread` for an answer that its question's reader refuses.
    """
    given = {q.key: q.answer(answers.get(q.key, "")) for q in QUESTIONS}
    return Template(_DRAFT).substitute({_field(key): text for key, text in _filled(given).items()})


def _field(key: str) -> str:
    return key.replace(" ", "_").replace("-", "_")


def _filled(given: Mapping[str, str]) -> dict[str, str]:
    """The answers as they stand in the text, and what follows from them."""
    readers = {question.key: question.reader for question in QUESTIONS}
    filled = {key: _inserted(readers[key], text) for key, text in given.items()}
    stages = [named(stage) for stage in _list(given["stages"])]
    pursued = "mql" if "mql" in stages else stages[1]
    later = stages[min(stages.index(pursued) + 2, len(stages) - 1)]
    sales = [BLANK] if given["sales"] == BLANK else _list(given["sales"])
    start = given["start"]
    return {
        **filled,
        "end": BLANK if start == BLANK else str(a_year_from(units.day(start))),
        "people": "\n".join(f"  {quoted(person)}: {{calendar: office}}" for person in sales),
        "pursued": pursued,
        "ratio": f"{later} of {pursued}",
        **{key: quoted(lead + given[key]) for key, lead in _LEADS.items()},
    }


def _inserted(reader: Callable[[str], Any], text: str) -> str:
    """An answer as the text of the agreement has it."""
    if reader in {_list, _stages}:
        parts = [BLANK] if text == BLANK else _list(text)
        return "[" + ", ".join(quoted(part, flow=True) for part in parts) + "]"
    if text == BLANK:
        return BLANK
    if reader in {_many, units.amount}:
        return str(reader(text))
    return text if reader in {units.day, units.span, units.rate} else quoted(text, flow=True)


_LEADS = {
    "how": "we pursue our goals by ",
    "opinion": "those concerned think of the goals: ",
    "sources": "we produce good leads by ",
    "quality": "we make sure of lead quality by ",
    "relations": "we keep up and deepen relations with customers by ",
    "loop": "we evaluate results by ",
}

_DRAFT = """# A draft from the interview. `leadpact check` lists the blanks that are still open.
leadpact: 1
agreement: $name
version: 1
valid from: $start
between: {marketing: $marketing, sales: $sales}
currency: $currency
zone: $zone
platform: $platform
calendars:
  office: {open: {mon-fri: [09:00-12:30, 13:30-17:30]}, holidays: {dates: []}}
people:
$people
term: {from: $start, to: $end, review: $review, refresh metrics: quarterly}

goal:
  statement: $goal
  quota: {amount: $quota, per: month, owner: $owner}
definitions:
  stages: $stages
  $pursued: $mql
  attempt: {by: [phone, email, video, voice message]}
qualification:
  fit:
    - {when: {industry: $industries}, points: 20}
  interest:
    - {did: demo requested, points: 60}
    - {did: guide downloaded, points: 15, halves after: 30 days, at most: 45}
  qualifies as $pursued: {any: [{all: [{fit: {at least: 20}}, {interest: {at least: 30}}]}, {did: demo requested}]}
handoff:
  when: $pursued
  share: $learn
  notify: $delivery
  route: {by: weight, respect: [hours, leave, caps], at least: $least per month, at most: $most per month}
  reasons to reject: [wrong size, wrong role, wrong region, customer already, competitor, unreachable]
  return: {after: $attempts attempts without answer, to: re-engage, not before: 30 days}
nurture:
  re-engage:
    steps:
      - {stage: awareness, send: guide, after: 3 days}
      - {stage: consideration, send: case study, after: 7 days}
      - {stage: decision, send: consultation, after: 14 days}
    leave when: [$pursued, replied, unsubscribed]
promises:
  marketing:
    volume: {deliver: $pursued, amount: $mqls, each: month, tolerance: 10%}
  sales:
    first contact: {after: handed over, do: attempted, within: $first_contact, unless: [converted, returned, suppressed], target: 95%, warn at: 75%}
    follow-up: {after: handed over, do: attempted, times: $attempts, within: $follow_up, unless: [converted, returned, rejected, suppressed], target: 90%}
    conversion: {ratio: $ratio, at least: $rate, each: month, per: rep}
kpis:
  marketing: $mql_kpis
  sales: $sales_kpis
commitments:
  marketing:
    - $sources
    - $quality
  sales:
    - $how
    - $relations
    - $loop
    - $opinion
rhythm: {digest: $report, review: $review}
to be signed by: {marketing: $marketing, sales: $sales, order: any}
"""
