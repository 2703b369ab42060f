"""Tables: exported tables turned into a log by a mapping, which is data."""

from leadpact.tables.conversion import Conversion, TableNote, convert
from leadpact.tables.refused import RefusedRow

__all__ = ["Conversion", "RefusedRow", "TableNote", "convert"]
