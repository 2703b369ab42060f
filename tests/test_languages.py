"""Languages: what is translated keeps its places, its spaces and the letters of its language."""

import re
import string
from io import BytesIO

import pytest
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

import catalogues
from catalogues import DOMAINS, LANGUAGES, ROOT, po_path

EACH = [(domain, language) for domain in DOMAINS for language in LANGUAGES]
each = pytest.mark.parametrize("domain, language", EACH)
MACHINE = re.compile(r"^#:|Creation-Date|Revision-Date|Last-Translator|Generated-By|/src/")
PLACE = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
CODE = re.compile(r"`[^`]*`|\{\"[^}]*\}")
RATHER = {"fa": ("ي", "ك", "٤", "٥", "٦"), "fr": ("...",), "id": ("...",), "th": ("...",)}
"""Letters of Arabic that look like Persian ones, and signs that typists write for others."""


def pairs(domain, language):
    """Each form of each sentence with its translation."""
    for message in catalogues.translated(domain, language):
        if message.id:
            forms = message.id if isinstance(message.id, tuple) else (message.id,)
            texts = message.string if isinstance(message.string, tuple) else (message.string,)
            yield from ((forms, text) for text in texts if text)


def placeholders(text):
    """The named and unnamed places of a sentence, in whatever order they stand."""
    percents = re.findall(r"%(?:\(\w+\))?[sdg]", text)
    braces = [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
    return sorted(percents + braces) + ["…"] * text.startswith("… ") + ["…"] * text.endswith(" …")


def places_of(text):
    try:
        return placeholders(text)
    except ValueError:
        return sorted(re.findall(r"%(?:\(\w+\))?[sdg]", text))


@each
def test_placeholders_are_those_of_the_sentence(domain, language):
    wrong = [
        (forms[-1], text)
        for forms, text in pairs(domain, language)
        if places_of(text) not in [places_of(form) for form in forms]
    ]
    assert wrong == []


@each
def test_spaces_and_line_breaks_at_the_ends_are_those_of_the_sentence(domain, language):
    def ends(text):
        return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]

    wrong = [text for forms, text in pairs(domain, language) if ends(text) != ends(forms[-1])]
    assert wrong == []


@each
def test_plural_forms_are_those_of_the_language(domain, language):
    catalogue = catalogues.translated(domain, language)
    assert catalogue.plural_forms.rstrip(";") == catalogues.PLURALS[language].rstrip(";")
    assert {len(message.string) for message in catalogue if isinstance(message.id, tuple)} == {
        catalogue.num_plurals
    }


@each
def test_no_file_tells_when_or_where_it_was_made(domain, language):
    lines = po_path(domain, language).read_text("utf-8").splitlines()
    assert [line for line in lines if line.startswith(("#", '"')) and MACHINE.search(line)] == []


@each
def test_letters_are_those_of_the_language(domain, language):
    wrong = [
        text for _, text in pairs(domain, language) if any(one in text for one in RATHER[language])
    ]
    assert wrong == []


@pytest.mark.parametrize("domain", DOMAINS)
def test_french_leaves_a_space_that_does_not_break_before_its_double_signs(domain):
    assert [text for _, text in pairs(domain, "fr") if is_loose(text)] == []


@pytest.mark.parametrize(
    "text, loose",
    [
        ("Échéance\u00a0: %(n)s", False),
        ("Échéance: %(n)s", True),
        ("Échéance : %(n)s", True),
        ("« Annuler »", True),
        ("«\u00a0Annuler\u00a0»\u202f!", False),
        ("%s: vide", True),
        ("à 14:05, sur https://x", False),
        ("50 %", True),
        ("Écrivez `review: monthly`.", False),
        ('Écrivez {"facts": [ … ]}.', False),
    ],
)
def test_what_is_loose_in_french(text, loose):
    assert is_loose(text) is loose


def is_loose(text):
    """Whether a double sign follows its word at once, or after a space where a line may break."""
    shown = PLACE.sub("x", CODE.sub("x", text))
    return bool(re.search(r"[^\s\u00a0\u202f;:!?][;:!?](?=\s|$)| [;:!?%»]|« ", shown))


@each
def test_the_compiled_catalogue_says_the_same(domain, language):
    catalogues.compile_newer()
    with po_path(domain, language).with_suffix(".mo").open("rb") as file:
        compiled = read_mo(file)
    said = {catalogues._id(one): one.string for one in compiled if one.id}
    told = {
        catalogues._id(one): one.string
        for one in catalogues.translated(domain, language)
        if one.id and catalogues._is_whole(one)
    }
    assert said.keys() >= {key for key in told if "\x04" not in key}
    assert all(all(text) if isinstance(text, tuple) else text for text in said.values())


def test_the_command_line_stays_english():
    ids = {catalogues._id(one) for one in catalogues.sentences("leadpact")}
    shown = (ROOT / "src/leadpact/cli/help.py").read_text("utf-8")
    own = re.findall(r'_\("([^"\\]{30,})"\)', shown)
    assert own
    assert not ids.intersection(own)


def test_sentences_are_found_in_code_and_in_templates(tmp_path, monkeypatch):
    package = tmp_path / "src"
    (package / "cli").mkdir(parents=True)
    (package / "one.py").write_text(
        '_("a"); ngettext("b", "bs", 2); pgettext("of time", "c")\n_("long "\n  "one")\n', "utf-8"
    )
    (package / "two.html").write_text(
        '{% load i18n %}{% translate "it\'s" %}'
        "{% blocktranslate count n=n %}{{ n }} d{% plural %}{{ n }} ds{% endblocktranslate %}",
        "utf-8",
    )
    (package / "cli/three.py").write_text('_("e")\n', "utf-8")
    monkeypatch.setitem(catalogues.DOMAINS, "trial", package)
    found = {(one.id, one.context) for one in catalogues.sentences("trial") if one.id}
    assert found == {
        ("a", None),
        (("b", "bs"), None),
        ("c", "of time"),
        ("long one", None),
        ("it's", None),
        (("%(n)s d", "%(n)s ds"), None),
    }


def test_a_translation_outlives_an_extraction_and_a_lost_sentence_does_not(tmp_path, monkeypatch):
    package = tmp_path / "src"
    package.mkdir()
    monkeypatch.setitem(catalogues.DOMAINS, "trial", package)
    (package / "one.py").write_text('_("kept"); _("lost")\n', "utf-8")
    catalogues.sentences.cache_clear()
    first = catalogues.brought_up("trial", "fr", catalogues.sentences("trial"))
    path = po_path("trial", "fr")
    path.parent.mkdir(parents=True)
    path.write_text(first.replace('"kept"\nmsgstr ""', '"kept"\nmsgstr "tenu"'), "utf-8")
    (package / "one.py").write_text('_("kept"); _("new")\n', "utf-8")
    catalogues.sentences.cache_clear()
    second = catalogues.brought_up("trial", "fr", catalogues.sentences("trial"))
    texts = {one.id: one.string for one in read_po(BytesIO(second.encode())) if one.id}
    assert texts == {"kept": "tenu", "new": ""}
    path.write_text(second, "utf-8")
    assert catalogues.missing("trial", "fr") == ["new"]
    catalogues.sentences.cache_clear()


@pytest.mark.parametrize(
    "text",
    ["Missed: %(promise)s for %(lead)s", "{share} ({part} of {whole})", "<b>%s</b>, 5 %% off"],
)
def test_a_pseudo_sentence_is_longer_and_keeps_its_places(text):
    stretched = catalogues.stretched(text)
    assert (stretched[0], stretched[-1]) == ("[", "]")
    assert len(stretched) >= 1.4 * len(text)
    assert places_of(stretched) == places_of(text)


def test_the_pseudo_language_covers_the_desk(tmp_path):
    catalogues.pseudo(tmp_path)
    with (tmp_path / "en/LC_MESSAGES/django.mo").open("rb") as file:
        said = {catalogues._id(one): one.string for one in read_mo(file) if one.id}
    assert said["Sign out"].startswith("[Šígñ óút ")
    assert len(said) > 500
