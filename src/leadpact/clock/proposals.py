"""Proposals: public holidays of a country, for a person to read, edit and put into an agreement."""

from collections.abc import Iterable
from datetime import date

from leadpact.clock.zones import CalendarError
from leadpact.problem import did_you_mean, meant
from leadpact.words import _


def proposed_holidays(
    country: str, years: int | Iterable[int], subdivision: str | None = None
) -> dict[date, str]:
    """The public holidays of a country (ISO code) in these years, with English names, in order.

    A proposal only: what counts is the list in the agreement. Raises `CalendarError` for a country
    or subdivision that the library doesn't know, with the near one.
    """
    import holidays

    code = _country(country.strip())
    parts = holidays.list_supported_countries(include_aliases=False)[code]
    if subdivision is not None and subdivision not in parts:
        said = _("{country} has no subdivision '{name}'. {remedy}")
        remedy = did_you_mean(subdivision, parts) if parts else _("Leave it out.")
        raise CalendarError(said.format(country=code, name=subdivision, remedy=remedy))
    # Without a language the library speaks the one of the process.
    languages: tuple[str, ...] = getattr(holidays, code).supported_languages or ()
    found = holidays.country_holidays(
        code,
        subdivision,
        years=[years] if isinstance(years, int) else list(years),
        language="en_US" if "en_US" in languages else None,
    )
    return {day: str(found[day]) for day in sorted(found)}


def _country(name: str) -> str:
    import holidays
    from holidays.registry import COUNTRIES

    codes = holidays.list_supported_countries(include_aliases=False)
    if name.upper() in codes:
        return name.upper()
    spellings = {
        word.replace("_", " ").casefold(): code
        for module, (_class, code, *others) in COUNTRIES.items()
        for word in (module, code, *others)
    }
    near = meant(name, spellings)
    remedy = (
        _("Did you mean '{code}'?").format(code=spellings[near])
        if near
        else _("Write its two-letter code, such as PL or TH.")
    )
    said = _("There is no country '{name}'. {remedy}")
    raise CalendarError(said.format(name=name, remedy=remedy))
