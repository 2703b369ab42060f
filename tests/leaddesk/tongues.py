"""Catalogues of a few words, so that tests don't hang on how something is translated."""

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo


def spoken_alone(settings, folder, language, words):
    """Let the desk know one language, and of it only these words."""
    catalogue = Catalog(locale=language)
    for said, translated in words.items():
        catalogue.add(said, translated)
    path = Path(folder) / language / "LC_MESSAGES" / "django.mo"
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        write_mo(file, catalogue)
    settings.LOCALE_PATHS = [folder]
