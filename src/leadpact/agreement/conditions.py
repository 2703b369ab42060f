"""Conditions: who or what a clause applies to, in a closed vocabulary of words, never code."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Discriminator, Field, Tag

from leadpact.agreement.clause import Amount, Clause, Count, Length, Name, Names


class Bounds(Clause):
    """A test on a number: at least and at most, both inclusive; or one of a list."""

    at_least: Amount | None = None
    at_most: Amount | None = None
    in_: Names | None = Field(default=None, alias="in")


def _test_kind(value: Any) -> str:
    return "bounds" if isinstance(value, (dict, Bounds)) else "words"


Test = Annotated[
    Annotated[Bounds, Tag("bounds")] | Annotated[Names, Tag("words")], Discriminator(_test_kind)
]
"""What a field must be: a word, one of a list of words, or within bounds."""


class Is(Clause):
    """Every named field passes its test; fields are lead attributes, `fit` or `interest`."""

    fields: dict[Name, Test]


class Did(Clause):
    """The lead did something (an engagement), within a span before now where one is given."""

    did: Name
    within: Length | None = None
    times: Count = 1


class All(Clause):
    """Every condition holds."""

    all: tuple["Condition", ...] = Field(min_length=1)


class Any_(Clause):
    """At least one condition holds."""

    any: tuple["Condition", ...] = Field(min_length=1)


class Not(Clause):
    """The condition does not hold."""

    not_: "Condition" = Field(alias="not")


WORDS = ("all", "any", "not", "did")


def _condition_kind(value: Any) -> str:
    if isinstance(value, dict):
        return next((word for word in WORDS if word in value), "is")
    kinds = {All: "all", Any_: "any", Not: "not", Did: "did"}
    return kinds.get(type(value), "is")


def _fields(value: Any) -> Any:
    if isinstance(value, dict) and set(value) != {"fields"}:
        return {"fields": value}
    return value


Condition = Annotated[
    Annotated[All, Tag("all")]
    | Annotated[Any_, Tag("any")]
    | Annotated[Not, Tag("not")]
    | Annotated[Did, Tag("did")]
    | Annotated[Is, BeforeValidator(_fields), Tag("is")],
    Discriminator(_condition_kind),
]
"""A condition: fields and their tests, `all`, `any`, `not`, or `did … within …`."""

for _part in (All, Any_, Not):
    _part.model_rebuild()
