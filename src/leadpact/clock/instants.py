"""Instants: whole microseconds since 1970-01-01T00:00Z, and datetimes at the edge."""

from datetime import UTC, datetime, timedelta

from leadpact.clock.zones import zone_named
from leadpact.words import _

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_micros(moment: datetime) -> int:
    """The instant of an aware datetime in µs UTC. Raises `ValueError` for a naive one.

    A local time that a zone skips is read with the offset before the gap; of one that occurs
    twice, `fold` says which is meant.
    """
    if moment.utcoffset() is None:
        said = _("{moment} has no zone. Add one, as in {moment}+00:00.")
        raise ValueError(said.format(moment=moment.isoformat()))
    passed = moment - _EPOCH
    return (passed.days * 86_400 + passed.seconds) * 1_000_000 + passed.microseconds


def to_datetime(instant: int, zone: str = "UTC") -> datetime:
    """The instant (µs UTC) as an aware datetime in `zone`.

    Raises `CalendarError` for an unknown zone, `OverflowError` outside the years 1 to 9999.
    """
    moment = _EPOCH + timedelta(microseconds=int(instant))
    return moment if zone == "UTC" else moment.astimezone(zone_named(zone))
