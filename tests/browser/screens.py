"""The screens of the desk: where each is, and who of the sample looks at it there."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Screen:
    """One screen; `path` may name places of the sample, like ``/leads/{lead}``."""

    name: str
    path: str
    who: str | None = "rita"

    def __str__(self):
        return self.name


SCREENS = [
    Screen("sign-in", "/sign-in", None),
    Screen("sign-out", "/sign-out"),
    Screen("password", "/password"),
    Screen("status", "/status"),
    Screen("design", "/design"),
    Screen("agreement", "/agreement", "nora"),
    Screen("lead", "/leads/{lead}", "ana"),
    Screen("problem-kinds", "/problems/"),
    Screen("problem-kind", "/problems/validation-failed"),
]
"""Every address that answers with a page of its own."""
