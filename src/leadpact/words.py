"""Words: every sentence that people read, in their language.

The source text is English; a catalogue `leadpact.mo` under `locale/<code>/LC_MESSAGES` translates
it. Where a catalogue, or a sentence in it, is missing, the English text stands.
"""

from contextvars import ContextVar
from gettext import NullTranslations, translation
from pathlib import Path

_LOCALE = Path(__file__).parent / "locale"
_ENGLISH = NullTranslations()
_catalogue: ContextVar[NullTranslations] = ContextVar("catalogue", default=_ENGLISH)


def use_language(code: str, folder: Path = _LOCALE) -> None:
    """Speak `code` (``fa``, ``pt_BR``, ``pt-BR``) in this context; English where it is unknown.

    `folder` holds the catalogues.
    """
    _catalogue.set(
        translation("leadpact", folder, languages=[code.replace("-", "_")], fallback=True)
    )


def _(text: str) -> str:
    """`text` in the language in use."""
    return _catalogue.get().gettext(text)


def ngettext(one: str, many: str, count: int) -> str:
    """`one` or `many`, as `count` asks for in the language in use."""
    return _catalogue.get().ngettext(one, many, count)
