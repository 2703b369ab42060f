"""Leadpact's engine: an agreement and a log in; plan, verdicts and report out."""

from importlib.metadata import version

__version__ = version("leadpact")
