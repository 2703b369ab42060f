"""Report: both sides side by side, as a value, as text, as JSON and as one HTML page."""

from leadpact.report.assembly import report
from leadpact.report.html import html
from leadpact.report.model import Report
from leadpact.report.text import text

__all__ = ["Report", "html", "report", "text"]
