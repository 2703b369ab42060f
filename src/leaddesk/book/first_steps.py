"""First steps: what a new workspace has done of what makes it run."""

from collections.abc import Mapping

from leaddesk.book.access import Actor
from leaddesk.book.models import AgreementVersion, Delivery, Fact, Lead, Person, Workspace
from leadpact.facts import ATTEMPTED

ATTEMPTS = 3
"""So many attempts logged in the sample make a practice."""


def is_new(workspace: int) -> bool:
    """Whether a workspace has neither an agreement nor a lead yet."""
    has_text = AgreementVersion.objects.of(workspace).exists()
    return not has_text and not Lead.objects.of(workspace).exists()


def first_steps(actor: Actor, sample: Workspace | None, explorer: str) -> Mapping[str, bool]:
    """Which steps are done, in their order. `explorer` is the key of the actor in the `sample`."""
    own = actor.workspace_id
    sent = Delivery.objects.of(own).filter(kind="test", state=Delivery.State.DONE)
    people = Person.objects.of(own).filter(is_active=True)
    return {
        "explore": sample is not None,
        "practise": sample is not None and attempts(sample, explorer) >= ATTEMPTS,
        "agree": AgreementVersion.objects.of(own).exists(),
        "import": Lead.objects.of(own).exists(),
        "invite": people.count() > 1,
        "hear": sent.exists(),
    }


def attempts(sample: Workspace, explorer: str) -> int:
    """How many attempts somebody has logged in a sample, as far as that matters."""
    logged = Fact.objects.of(sample).filter(kind=ATTEMPTED, body__contains=f'"{explorer}"')
    return logged[:ATTEMPTS].count()
