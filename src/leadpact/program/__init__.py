"""Program: an agreement lowered to the arrays that the sweep runs."""

from leadpact.program.loading import Load, load
from leadpact.program.lowering import Program, Row, Version, millionths
from leadpact.program.masks import mask
from leadpact.program.names import Happening, Names

__all__ = ["Happening", "Load", "Names", "Program", "Row", "Version", "load", "mask", "millionths"]
