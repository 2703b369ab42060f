"""The command line: files in, text or JSON out; data on stdout, messages on stderr."""

import sys


def main() -> None:
    """Run `leadpact`; ends the process with 0, 1 (failed), 2 (wrong use or problems), or 130."""
    from leadpact.cli.app import app

    try:
        app(prog_name="leadpact")
    except (OSError, MemoryError) as error:
        name = f" {error.filename}" if isinstance(error, OSError) and error.filename else ""
        why = getattr(error, "strerror", None) or str(error) or type(error).__name__
        print(f"leadpact:{name} {why}. Nothing was written.", file=sys.stderr)
        sys.exit(1)
