"""Keys of leads: the leads that a file names, whatever else stands in it."""

from typing import Any

from django.utils.translation import gettext as _

from leaddesk.book.refusal import Refused, refused
from leaddesk.wire.reading import MOST_BYTES, table_of
from leadpact.problem import Problem

_NAMES = ("lead", "key", "id", "lead id")


def keys_of(upload: Any) -> list[str]:
    """The keys in an uploaded file: those of its column `lead`, `key` or `id`, else of the first.

    A list without a header begins with a key. Raises `Refused`.
    """
    if upload.size > MOST_BYTES:
        said = _("The file is larger than %(most)s MB. Split it, or leave out columns.")
        raise refused("file", said % {"most": MOST_BYTES // 2**20}, "")
    table = table_of(upload.read())
    if isinstance(table, Problem):
        raise Refused([table._replace(path="file")])
    named = [name.strip().casefold().replace("_", " ") for name in table.header]
    column = next((named.index(name) for name in _NAMES if name in named), None)
    keys = [row.cells[column or 0].strip() for row in table.rows]
    if column is None:
        keys = [table.header[0].strip(), *keys]
    return [key for key in keys if key]
