"""The reference of the agreement, from its clause types."""

from leadpact.agreement.reference import text

__all__ = ["text"]
