"""Conditions: who or what a clause applies to, in a closed vocabulary of words, never code."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from leadpact.agreement.clause import Clause, Count, Elapsed, Name, Names, Number
from leadpact.units import Misread
from leadpact.words import _


class Bounds(Clause):
    """A test on a number: at least and at most, both inclusive; or one of a list."""

    at_least: Number | None = Field(default=None, description="the value is this or more")
    at_most: Number | None = Field(default=None, description="the value is this or less")
    in_: Names | None = Field(default=None, alias="in", description="the value is one of these")

    @model_validator(mode="after")
    def _bounded(self) -> "Bounds":
        if self.at_least is None and self.at_most is None and self.in_ is None:
            raise Misread(
                _("This test has no number and no list."),
                _("Write `at least:`, `at most:` or `in:`."),
            )
        if None not in (self.at_least, self.at_most) and self.at_least > self.at_most:  # type: ignore[operator]
            raise Misread(
                _("`at least` is more than `at most`: nothing can pass."), _("Swap the two.")
            )
        return self


def _test_kind(value: Any) -> str:
    return "<bounds>" if isinstance(value, (dict, Bounds)) else "<words>"


Test = Annotated[
    Annotated[Bounds, Tag("<bounds>")] | Annotated[Names, Tag("<words>")], Discriminator(_test_kind)
]
"""What a field must be: a word, one of a list of words, or within bounds."""


class Is(Clause):
    """Every named field passes its test; fields are lead attributes, `fit` or `interest`."""

    fields: dict[Name, Test] = Field(
        min_length=1, description="written `<field>: <test>`, such as `industry: [retail, food]`"
    )


class Did(Clause):
    """The lead did something (an engagement), within a span before now where one is given."""

    did: Name = Field(description="what the lead did, such as `demo requested`")
    within: Elapsed | None = Field(default=None, description="how long ago at most")
    times: Count = Field(default=1, ge=1, description="how many times at least")


class All(Clause):
    """Every condition holds."""

    all: tuple["Condition", ...] = Field(min_length=1, description="the conditions")


class Any_(Clause):  # noqa: N801 - `Any` is typing's
    """At least one condition holds."""

    any: tuple["Condition", ...] = Field(min_length=1, description="the conditions")


class Not(Clause):
    """The condition does not hold."""

    not_: "Condition" = Field(alias="not", description="the condition")


WORDS = ("all", "any", "not", "did")


def _condition_kind(value: Any) -> str:
    if isinstance(value, dict):
        return next((f"<{word}>" for word in WORDS if word in value), "<is>")
    kinds: dict[type, str] = {All: "<all>", Any_: "<any>", Not: "<not>", Did: "<did>"}
    return kinds.get(type(value), "<is>")


def _fields(value: Any) -> Any:
    if isinstance(value, dict) and set(value) != {"fields"}:
        return {"fields": value}
    return value


Condition = Annotated[
    Annotated[All, Tag("<all>")]
    | Annotated[Any_, Tag("<any>")]
    | Annotated[Not, Tag("<not>")]
    | Annotated[Did, Tag("<did>")]
    | Annotated[Is, BeforeValidator(_fields), Tag("<is>")],
    Discriminator(_condition_kind),
]
"""A condition: fields and their tests, `all`, `any`, `not`, or `did … within …`."""

for _part in (All, Any_, Not):
    _part.model_rebuild()
