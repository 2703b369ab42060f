"""Slow names: which facts meet a name of a promise, and which leads meet a condition."""

from decimal import Decimal, InvalidOperation

from leadpact.agreement.conditions import All, Any_, Bounds, Did, Is, Not
from leadpact.agreement.model import Agreement
from tests.leadpact.reference.slow_log import KINDS, Fact, word

ENVELOPE = frozenset(
    (
        "lead",
        "kind",
        "occurred_at",
        "recorded_at",
        "system",
        "source_id",
        "date_only",
        "form",
        "by",
        "reason",
        "why",
        "note",
    )
)
Raise = tuple[int, int]


class Funnel:
    """The stages of an agreement by their place, and what takes a lead into which."""

    def __init__(self, agreement: Agreement) -> None:
        self.stages = agreement.stages
        self.handoff = agreement.handoff.when if agreement.handoff else "mql"
        self.first = self.place("lead") or 0
        self.last = len(self.stages) - 1
        self.qualifying = self.place(self.handoff)
        if self.qualifying is None:
            self.qualifying = self.place("mql")
        opportunity = self.place("opportunity")
        self.conversion = self.last if opportunity is None else opportunity

    def place(self, stage: str | None) -> int | None:
        return self.stages.index(stage) if stage in self.stages else None

    def taken_to(self, fact: Fact) -> int | None:
        """The stage that a fact takes a lead into."""
        match fact.kind:
            case "moved":
                return self.place(fact.word("to"))
            case "created":
                return self.first
            case "handed_over":
                return self.place(self.handoff)
            case "accepted":
                return self.place("sal")
            case "converted":
                return self.place("opportunity")
            case "won":
                return self.last
        return None

    def starts_at_conversion(self, name: str) -> bool:
        place = self.place(name) if kind_of(name) is None else None
        return name in {"converted", "won"} or (place is not None and place >= self.conversion)


def kind_of(name: str) -> str | None:
    kind = name.replace(" ", "_").replace("-", "_")
    return kind if kind in KINDS else None


def meets(
    name: str, fact: Fact, raised: Raise | None, funnel: Funnel, counts: bool, entering: bool
) -> bool:
    """Whether a fact meets a name.

    `raised` is the stage before and after it, where it raised the stage; `counts` says whether it
    is an attempt that counts; `entering` asks of stages that they were not reached before, as
    starts do. For an answer it is enough that the fact takes a lead there.
    """

    def reaches(stage: int) -> bool:
        if entering:
            return raised is not None and raised[0] < stage <= raised[1]
        target = funnel.taken_to(fact)
        return target is not None and target >= stage

    kind = kind_of(name)
    if kind is None:
        stage = funnel.place(name)
        if stage is None:
            return fact.kind == "engaged" and fact.word("what") == name
        return reaches(stage)
    if fact.kind == kind:
        return kind != "attempted" or counts
    if kind == "won":
        return reaches(funnel.last)
    if kind == "converted":
        return reaches(funnel.conversion)
    return False


def counts_as_attempt(fact: Fact, agreement: Agreement, by: tuple[str, ...]) -> bool:
    """Whether it is a human, outbound attempt that didn't fail, by a channel that is agreed."""
    agreed = agreement.definitions.attempt
    if fact.kind != "attempted":
        return False
    if agreed.human and fact.word("human") in {"no", "false"}:
        return False
    if fact.word("direction") == "inbound" or fact.word("outcome") in {"bounced", "wrong number"}:
        return False
    seconds = fact.text("seconds", "duration")
    if seconds is not None and Decimal(seconds) == 0 and not agreed.dial_tries_count:
        return False
    channel = fact.word("channel")
    return all(channel is None or not list_ or channel in list_ for list_ in (agreed.by, by))


def attributes(facts: list[Fact], at: int) -> dict[str, str]:
    """What is known of a lead at an instant."""
    known: dict[str, str] = {}
    for fact in facts:
        if fact.kind in {"created", "described"} and fact.first <= at:
            known |= {word(k): v for k, v in fact.said.items() if k not in ENVELOPE}
    return known


def holds(condition: object, known: dict[str, str]) -> bool:
    """Whether a lead with these attributes meets a condition (None: always)."""
    match condition:
        case None:
            return True
        case All():
            return all(holds(part, known) for part in condition.all)
        case Any_():
            return any(holds(part, known) for part in condition.any)
        case Not():
            return not holds(condition.not_, known)
        case Is():
            return all(_passes(test, known.get(_field(f))) for f, test in condition.fields.items())
        case Did():
            raise AssertionError("conditions on behaviour are not drawn")
    raise AssertionError(condition)


def _field(name: str) -> str:
    return "type" if name == "lead type" else name


def _passes(test: Bounds | tuple[str, ...], value: str | None) -> bool:
    if value is None:
        return False
    if not isinstance(test, Bounds):
        return word(value) in test
    if test.in_ is not None and word(value) not in test.in_:
        return False
    if test.at_least is None and test.at_most is None:
        return True
    try:
        number = Decimal(value)
    except InvalidOperation:
        return False
    least, most = test.at_least, test.at_most
    return (least is None or number >= least) and (most is None or number <= most)
