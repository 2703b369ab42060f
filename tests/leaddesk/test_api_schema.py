"""The API and its reference: drawn requests, good and bad, get no answer that isn't foreseen there."""

import os

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, settings
from schemathesis import GenerationMode
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from leaddesk.api import limits
from leaddesk.book import moment
from leaddesk.post import addresses
from tests.leaddesk.asking import NOW, Caller, furnished

pytestmark = pytest.mark.django_db(transaction=True)
EXAMPLES = int(os.environ.get("LEADDESK_EXAMPLES", "12"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
load_all_checks()
api = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
api.config.generation.update(modes=[GenerationMode.POSITIVE, GenerationMode.NEGATIVE])


@pytest.fixture
def desk(monkeypatch):
    """A furnished workspace whose clock stands, and in which no name is looked up."""
    monkeypatch.setattr(addresses, "resolved", lambda *_named: ["203.0.114.7"])
    with moment.standing_at(NOW):
        own, ids = furnished()
        yield Caller(own), ids


@pytest.mark.slow
@api.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
def test_no_answer_is_unforeseen(case, desk):
    caller, ids = desk
    limits.forget()
    headers = {"Authorization": f"Bearer {caller.secret}"}
    case.call_and_validate(headers=headers, checks=CHECKS)
    if case.path_parameters:  # and once more for something that is there
        kind = case.operation.path.split("/")[3]
        case.path_parameters = {
            name: found.get(kind, "none") if isinstance(found := ids[name], dict) else found
            for name in case.path_parameters
        }
        case.call_and_validate(headers=headers | {"If-Match": "*"}, checks=CHECKS)
