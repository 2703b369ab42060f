"""The catalogues of both packages: which sentences there are, and what they are in each language.

`python -m catalogues extract` brings the .po files up to the sources, `check` says what they lack,
`compile` makes the .mo files that are older than their .po. Nothing here needs the gettext tools.
"""

import os
import re
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parent
DOMAINS = {"django": ROOT / "src/leaddesk", "leadpact": ROOT / "src/leadpact"}
"""Each domain with the package whose sentences it holds."""
PLURALS = {
    "fr": "nplurals=2; plural=(n > 1);",
    "id": "nplurals=1; plural=0;",
    "th": "nplurals=1; plural=0;",
    "fa": "nplurals=2; plural=(n > 1);",
}
LANGUAGES = tuple(PLURALS)
"""The languages beside English, in which the sources are written."""
UNTRANSLATED = {"cli"}
"""Folders whose sentences stay English: the command line."""
KEYWORDS: Mapping[str, object] = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), None),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    "npgettext": ((1, "c"), 2, 3),
}
_HEADER = """\
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plurals}\\n"

"""
_PARTS = re.compile(r"%(?:\(\w+\))?[sd%]|\{\w*\}|<[^>]*>")
_ACCENTS = str.maketrans("aeiouycnsAEIOUYCNS", "áéíóúýçñšÁÉÍÓÚÝÇÑŠ")


def po_path(domain: str, language: str) -> Path:
    """Where a domain is translated into a language."""
    return DOMAINS[domain] / "locale" / language / "LC_MESSAGES" / f"{domain}.po"


@cache
def sentences(domain: str) -> Catalog:
    """Every sentence of a domain, as its sources have it."""
    found = Catalog(fuzzy=False)
    for path in _sources(DOMAINS[domain]):
        text = path.read_text("utf-8")
        if path.suffix == ".html":
            text = _as_code(text)
        for _line, said, _comments, context in extract(
            "python", BytesIO(text.encode()), KEYWORDS, options={"encoding": "utf-8"}
        ):
            found.add(said, context=context)
    return found


def _sources(package: Path) -> Iterator[Path]:
    for path in sorted(package.rglob("*")):
        folders = set(path.relative_to(package).parts)
        if path.suffix in {".py", ".html"} and not folders & UNTRANSLATED:
            yield path


def _as_code(template: str) -> str:
    """A template as Django hands it to extractors: code that calls gettext."""
    from django.utils.translation.template import templatize

    return templatize(template)


def translated(domain: str, language: str) -> Catalog:
    """What there is of a domain in a language."""
    path = po_path(domain, language)
    text = path.read_bytes() if path.exists() else _header(language).encode()
    return read_po(BytesIO(text), locale=language, domain=domain)


def _header(language: str) -> str:
    return _HEADER.format(language=language, plurals=PLURALS[language])


def brought_up(domain: str, language: str, template: Catalog) -> str:
    """The text of a .po file with every sentence of the sources, and no other."""
    catalogue = translated(domain, language)
    catalogue.update(template, no_fuzzy_matching=True, keep_user_comments=False)
    written = BytesIO()
    write_po(
        written,
        catalogue,
        width=0,
        no_location=True,
        omit_header=True,
        sort_output=True,
        ignore_obsolete=True,
    )
    return _header(language) + written.getvalue().decode().strip() + "\n"


def bring_up(*, only_look: bool = False) -> list[str]:
    """Write the .po files that differ from what the sources ask for; which ones those are."""
    changed = []
    for domain in DOMAINS:
        template = sentences(domain)
        for language in LANGUAGES:
            path, text = po_path(domain, language), brought_up(domain, language, template)
            if not path.exists() or path.read_text("utf-8") != text:
                changed.append(path.relative_to(ROOT).as_posix())
                if not only_look:
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_text(text, "utf-8")
    return changed


def missing(domain: str, language: str) -> list[str]:
    """The sentences of a domain that nobody has translated into a language yet, or not surely."""
    catalogue = translated(domain, language)
    lacking = []
    for message in sentences(domain):
        found = catalogue.get(_id(message), message.context)
        if message.id and (found is None or found.fuzzy or not _is_whole(found)):
            lacking.append(_id(message))
    return lacking


def _is_whole(message: Message) -> bool:
    texts = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
    return all(texts)


def _id(message: Message) -> str:
    return message.id[0] if isinstance(message.id, (tuple, list)) else message.id


def compile_newer() -> None:
    """Compile every .po file that is newer than its .mo file; several processes may do so at once."""
    for domain, package in DOMAINS.items():
        for source in sorted((package / "locale").glob(f"*/LC_MESSAGES/{domain}.po")):
            target = source.with_suffix(".mo")
            if not target.exists() or target.stat().st_mtime <= source.stat().st_mtime:
                catalogue = translated(domain, source.parent.parent.name)
                _write(catalogue, target)


def _write(catalogue: Catalog, target: Path) -> None:
    """Only what is translated whole: an empty plural form would be shown as one."""
    for message in [one for one in catalogue if one.id and not _is_whole(one)]:
        catalogue.delete(message.id, message.context)
    part = target.with_suffix(f".{os.getpid()}")
    with part.open("wb") as file:
        write_mo(file, catalogue)
    part.replace(target)


def pseudo(folder: Path, language: str = "en") -> None:
    """Translate the desk into a language that shows what is clipped or was never translated.

    Every sentence gets accents, brackets and 40 % more length; the catalogue stands in `folder` for
    `LOCALE_PATHS`.
    """
    catalogue = Catalog(locale=language, fuzzy=False)
    for message in sentences("django"):
        said = message.id if isinstance(message.id, (tuple, list)) else (message.id,)
        forms = tuple(map(stretched, said))[: catalogue.num_plurals]
        catalogue.add(
            message.id, forms if message.pluralizable else forms[0], context=message.context
        )
    target = folder / language / "LC_MESSAGES" / "django.mo"
    target.parent.mkdir(parents=True, exist_ok=True)
    _write(catalogue, target)


def stretched(text: str) -> str:
    """A sentence with accents, brackets and 40 % more length; its placeholders stay."""
    if not text:
        return text
    plain = _PARTS.split(text)
    marked = "".join(
        part + kept
        for part, kept in zip(
            (one.translate(_ACCENTS) for one in plain), [*_PARTS.findall(text), ""], strict=True
        )
    )
    more = -(-len(text) * 2 // 5)
    words = ("one two three four five six seven eight nine ten " * (more // 48 + 1))[:more].strip()
    return f"[{marked} {words}]"


def main(act: str = "") -> int:
    """Run one act; 0 where all is well."""
    if act == "extract":
        print(*bring_up(), sep="\n")
        for domain in DOMAINS:
            print(f"{domain}: {len(sentences(domain))} sentences")
        return 0
    if act == "check":
        stale = bring_up(only_look=True)
        lacking = {
            (domain, language): len(missing(domain, language))
            for domain in DOMAINS
            for language in LANGUAGES
        }
        for (domain, language), count in lacking.items():
            print(f"{domain} {language}: {count} to translate")
        print(*(f"{path}: run `.ci/messages extract`" for path in stale), sep="\n")
        return bool(stale or any(lacking.values()))
    if act == "compile":
        compile_newer()
        return 0
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:2]))
