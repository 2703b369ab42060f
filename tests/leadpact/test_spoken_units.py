"""Spans and limits inside of a sentence: in the language in use, whatever the author wrote."""

import pytest

from leadpact.agreement.phrases import limit_said
from leadpact.report.scorecard import alone
from leadpact.units import span
from leadpact.words import use_language


@pytest.fixture
def french():
    use_language("fr")
    yield
    use_language("en")


@pytest.mark.parametrize(
    "written, said",
    [
        ("1 day", "1 jour"),
        ("4 working hours", "4 heures ouvrées"),
        ("3 mins", "3 minutes"),
        ("2 business days", "2 jours ouvrés"),
        ("1.5 hours", "1.5 hours"),
    ],
)
def test_a_span_is_said_in_a_sentence_and_kept_as_text(french, written, said):
    assert (f"{span(written)}", str(span(written))) == (said, written)


@pytest.mark.parametrize(
    "written, said",
    [
        ("120 per month", "120 par mois"),
        ("60 open", "60 en cours"),
        ("12 per pass", "12 par passage"),
    ],
)
def test_a_limit_is_said_in_a_sentence(french, written, said):
    assert limit_said(written) == said


def test_a_promise_stands_alone_without_its_name():
    assert alone("Volume (marketing): they deliver") == "They deliver"
    assert alone("Volume (marketing)\N{NO-BREAK SPACE}: ils livrent") == "Ils livrent"
