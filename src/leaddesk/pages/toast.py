"""Toast: what was done, said once on the next page, with the way to take it back."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.contrib import messages


class Toast(NamedTuple):
    """What was done in words, and the path that takes it back by POST, if one does."""

    text: str
    undo: str


def say(request: Any, text: str, undo: str | None = None) -> None:
    """Let the next page say `text`; with `undo` it offers to take back what was done."""
    messages.info(request, text, extra_tags=undo or "")


def said(request: Any) -> Iterator[Toast]:
    """What is to be said now; it is forgotten by that."""
    for one in messages.get_messages(request):
        yield Toast(str(one), one.extra_tags)
