"""A visitor of the pages: Mia, who is signed in, of a workspace of her own."""

import pytest
from django.test import Client

from leaddesk.book import moment
from leaddesk.book.models import (
    User,
)
from tests.leaddesk.desk import person, workspace
from tests.leaddesk.pages.reading import EMAIL, NOW, PASSWORD, send


@pytest.fixture(autouse=True)
def standing_still():
    with moment.standing_at(NOW):
        yield


@pytest.fixture
def own():
    return workspace(name="Northwind")


@pytest.fixture
def mia(own):
    user = User.objects.create_user(EMAIL, PASSWORD)
    return person(own, "mia", role="admin", user=user, email=EMAIL)


@pytest.fixture
def visitor(mia):
    client = Client(enforce_csrf_checks=True)
    send(client, "/sign-in", email=EMAIL, password=PASSWORD)
    return client
