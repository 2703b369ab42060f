"""The column that searches look through; written whenever its row is saved."""

from typing import Any

from django.db import models


class Folded(models.TextField):  # type: ignore[type-arg]
    """Holds what `searched()` of its row yields. Whoever updates rows without saving them writes it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"blank": True, "default": "", "editable": False, **options})

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        """In migrations it is plain text."""
        name, _path, given, named = super().deconstruct()
        return name, "django.db.models.TextField", given, named

    def pre_save(self, model_instance: Any, add: bool) -> str:  # noqa: ARG002
        """Draw it from the other fields."""
        text: str = model_instance.searched()
        setattr(model_instance, self.attname, text)
        return text
