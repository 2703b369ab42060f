"""Copies: a workspace like another one, for as long as somebody looks at it."""

from contextlib import contextmanager

from django.db import transaction

from leaddesk.book import rules
from leaddesk.book.models import AgreementVersion, Calendar, Leave, Person, Team, Workspace

REGISTERS = (AgreementVersion, Person, Team, Leave, Calendar)


@contextmanager
def passing_copy(own):
    """A workspace with the same registers and no facts, that is gone afterwards."""
    with transaction.atomic():
        copy = Workspace.objects.get(pk=own.pk)
        copy.pk, copy.slug = None, f"copy-{own.pk}"
        copy.save()
        for model in REGISTERS:
            copied(model, own, copy)
        rules.forget()
        try:
            yield copy
        finally:
            rules.forget()
            transaction.set_rollback(True)


def copied(model, own, copy):
    """The rows of a model of one workspace in another, but for who signs in."""
    rows = [*model.objects.of(own)]
    for row in rows:
        row.pk, row.workspace = None, copy
        if model is Person:
            row.user = None
    model.objects.of(copy).bulk_create(rows)
