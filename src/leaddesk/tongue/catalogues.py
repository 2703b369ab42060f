"""Catalogues: in which languages the desk can speak."""

from pathlib import Path

from django.conf import settings


def is_spoken(language: str) -> bool:
    """Whether the desk has a catalogue of a language; its own text is English."""
    return language == "en" or any(
        (Path(folder) / language / "LC_MESSAGES" / "django.mo").exists()
        for folder in settings.LOCALE_PATHS
    )
