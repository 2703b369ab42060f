"""Translations: every sentence of the sources stands in every language, whole and sure."""

import pytest

import catalogues
from catalogues import DOMAINS, LANGUAGES, po_path

EACH = [(domain, language) for domain in DOMAINS for language in LANGUAGES]
each = pytest.mark.parametrize("domain, language", EACH)


@each
def test_every_sentence_is_translated_surely(domain, language):
    assert catalogues.missing(domain, language) == []


@each
def test_a_file_holds_the_sentences_of_the_sources_and_no_other(domain, language):
    template = catalogues.sentences(domain)
    kept = po_path(domain, language).read_text("utf-8")
    assert kept == catalogues.brought_up(domain, language, template)
