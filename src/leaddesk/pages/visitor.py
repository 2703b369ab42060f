"""Visitors: who is signed in."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


class Visitors:
    """Lets `request.user` be the account that is signed in, or None."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.answer(request)
