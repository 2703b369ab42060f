"""Scope: every query names its workspace; one that doesn't fails."""

from typing import Any, NoReturn

from django.db import models


class Unscoped(Exception):
    """A query was about to run without a workspace."""


class Scoped(models.Manager):  # type: ignore[type-arg]
    """Gives rows of one workspace only: `Lead.objects.of(workspace)`."""

    use_in_migrations = False

    def of(self, workspace: Any) -> models.QuerySet[Any]:
        """The rows of one workspace (a `Workspace` or its id)."""
        if workspace is None:
            raise Unscoped(self.model.__name__)
        number = getattr(workspace, "pk", workspace)
        return super().get_queryset().filter(workspace_id=number)

    def get_queryset(self) -> NoReturn:
        """Refused: say `objects.of(workspace)`."""
        raise Unscoped(f"{self.model.__name__}: name a workspace with objects.of(workspace)")


class OfWorkspace(models.Model):
    """A row that belongs to one workspace."""

    workspace = models.ForeignKey("book.Workspace", models.CASCADE, related_name="+")

    across = models.Manager()
    objects = Scoped()

    class Meta:
        abstract = True
        base_manager_name = "across"
        default_manager_name = "across"
