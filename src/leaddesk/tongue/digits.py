"""Digits: the four sets in which people here write numbers."""

_LATIN = "0123456789"
PERSIAN = "۰۱۲۳۴۵۶۷۸۹"
_ARABIC = "٠١٢٣٤٥٦٧٨٩"
_THAI = "๐๑๒๓๔๕๖๗๘๙"
_TO_PERSIAN = str.maketrans(_LATIN + "%", PERSIAN + "٪")
_TO_LATIN = str.maketrans(PERSIAN + _ARABIC + _THAI, 3 * _LATIN)


def persian(text: str) -> str:
    """A text with its Latin digits, and the sign of percent, in Persian."""
    return text.translate(_TO_PERSIAN)


def latin(text: str) -> str:
    """A text with its Persian, Arabic-Indic and Thai digits in Latin."""
    return text.translate(_TO_LATIN)
