"""Paging: a long list in parts, by cursors that stay right while rows are inserted.

A cursor says after which row to go on. It is sealed: whoever holds it can neither read nor forge
it, so that no row number of the database leaves.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from datetime import date
from hashlib import sha256, shake_256
from hmac import compare_digest
from hmac import digest as hmac
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from leaddesk.api.problems import wrong

_TAG = 16


def page(
    rows: QuerySet[Any], limit: int, cursor: str, told: Callable[[Any], Any] = lambda row: row
) -> dict[str, Any]:
    """The next rows of an ordered query (its last column is unique), and the cursor of those to come."""
    order = [str(one) for one in rows.query.order_by]
    if cursor:
        rows = rows.filter(_beyond(order, _places(cursor, order)))
    found = list(rows[: limit + 1])
    more = None
    if len(found) > limit:
        last = found[limit - 1]
        more = sealed([",".join(order), *(_plain(last, one) for one in order)])
    return {"data": [told(row) for row in found[:limit]], "next_cursor": more}


def _plain(row: Any, name: str) -> Any:
    value = getattr(row, name.removeprefix("-"))
    return value.isoformat() if isinstance(value, date) else value


def _places(cursor: str, order: Sequence[str]) -> list[Any]:
    told = opened(cursor)
    if not isinstance(told, list) or told[:1] != [",".join(order)]:
        remedy = _("Send next_cursor as it came, with the same filters and the same sort.")
        raise wrong("cursor", _("This is no cursor of this list."), remedy)
    return told[1:]


def _beyond(order: Sequence[str], places: Sequence[Any]) -> Q:
    """The rows behind these places, column by column."""
    found, same = Q(), Q()
    for name, place in zip(order, places, strict=True):
        column, side = name.removeprefix("-"), "lt" if name.startswith("-") else "gt"
        found |= same & Q(**{f"{column}__{side}": place})
        same &= Q(**{column: place})
    return found


def sealed(value: Any) -> str:
    """A value as text that nobody else can read or make."""
    plain = json.dumps(value, separators=(",", ":")).encode()
    tag = hmac(_key(b"seal"), plain, "sha256")[:_TAG]
    return urlsafe_b64encode(tag + _veiled(plain, tag)).rstrip(b"=").decode()


def opened(text: str) -> Any:
    """The value behind a sealed text; None for a text that wasn't sealed here."""
    try:
        whole = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except ValueError:
        return None
    tag, veiled = whole[:_TAG], whole[_TAG:]
    plain = _veiled(veiled, tag)
    if not compare_digest(tag, hmac(_key(b"seal"), plain, "sha256")[:_TAG]):
        return None
    return json.loads(plain)


def _veiled(text: bytes, tag: bytes) -> bytes:
    pad = shake_256(_key(b"veil") + tag).digest(len(text))
    return bytes(one ^ other for one, other in zip(text, pad, strict=True))


def _key(use: bytes) -> bytes:
    return sha256(b"leaddesk.api." + use + settings.SECRET_KEY.encode()).digest()
