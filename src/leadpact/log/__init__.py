"""The log: facts as columns, from and to JSONL, CSV and Parquet."""

from leadpact.log.columns import (
    COPIED,
    DATE_ONLY,
    FAILED,
    INBOUND,
    MONEY_SCALE,
    NONE,
    NOT_HUMAN,
    SILENT,
    Log,
    Sparse,
)
from leadpact.log.reading import read_log

__all__ = [
    "COPIED",
    "DATE_ONLY",
    "FAILED",
    "INBOUND",
    "MONEY_SCALE",
    "NONE",
    "NOT_HUMAN",
    "SILENT",
    "Log",
    "Sparse",
    "read_log",
]
