"""The command line of the desk: data on stdout, messages on stderr."""

import os
import sys

DONE, FAILED, WRONG, ABSENT, REFUSED, UNREACHABLE, INTERRUPTED = 0, 1, 2, 3, 4, 5, 130
_MISTAKE = (
    "this is a mistake of the program: {error!r}. Please report it, with what the command prints when"
    " LEADDESK_TRACEBACK=1 is set."
)


def main() -> None:
    """Run `leaddesk`; ends the process with the code of how it went."""
    code = FAILED
    try:
        code = _run()
        sys.stdout.flush()
    except KeyboardInterrupt:
        code = INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Exception as error:
        if os.environ.get("LEADDESK_TRACEBACK"):
            raise
        code, told = told_of(error)
        print(f"leaddesk: {told}", file=sys.stderr)
    sys.exit(code)


def _run() -> int:
    from leaddesk.cli.app import app

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leaddesk.settings")
    try:
        app(prog_name="leaddesk")
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else FAILED
    return DONE


def told_of(error: Exception) -> tuple[int, str]:
    """The exit code for what went wrong, and the sentence that says it."""
    from leaddesk.environment import Misconfigured

    if isinstance(error, Misconfigured):
        return WRONG, str(error)
    if "django" in sys.modules:
        from django.db import InterfaceError, OperationalError

        from leaddesk.book import refusal

        if isinstance(error, (OperationalError, InterfaceError)):
            said = next(iter(str(error).strip().splitlines()), "it doesn't answer")
            return UNREACHABLE, f"the database can't be used: {said}."
        if isinstance(error, refusal.Absent):
            return ABSENT, f"there is no {error}."
        if isinstance(error, (refusal.Refused, refusal.Forbidden, refusal.Stale)):
            return REFUSED, f"this was refused: {error}."
    if isinstance(error, OSError):
        named = f"{error.filename}: " if error.filename else ""
        return FAILED, f"{named}{error.strerror or error}."
    return FAILED, _MISTAKE.format(error=error)


def set_up() -> None:
    """Set Django up; end the process where a production desk would be unsafe."""
    import django
    from django.conf import settings

    from leaddesk import safety

    django.setup()
    safety.refuse(settings.ENVIRONMENT)
    safety.take_place(settings.HOME)
