"""Show the engine on the Northwind example: every step is a command that you can type yourself."""

import os
import subprocess
import sys
import time
from pathlib import Path

HERE = Path("examples/northwind")
OUT = Path("out/northwind")
AGREEMENT, DRAFT = HERE / "agreement.yaml", HERE / "draft.yaml"
LOG, LEDGER, REPORT = OUT / "log.jsonl", OUT / "ledger.csv", OUT / "report.html"
NOW = "2026-03-31T18:00:00+02:00"
# Beside the Python that runs this, so that nothing needs to be activated.
COMMANDS = Path(sys.executable).parent
MARKS = "src/leadpact/**/*.nbi"

STEPS = (
    (
        "Northwind is made up. This writes what happened to its leads in the first quarter of 2026.",
        ("python", HERE / "generate.py", "-o", OUT),
    ),
    (
        "The agreement: is it complete, two-sided, and can it be kept?",
        ("leadpact", "check", AGREEMENT),
    ),
    (
        "The plan: how many leads the quota asks of each month.",
        ("leadpact", "plan", AGREEMENT),
    ),
    (
        "The verdicts of 31 March 2026, 18:00: what was kept, what was broken, what is urgent now.",
        ("leadpact", "judge", AGREEMENT, LOG, "--now", NOW),
    ),
    (
        "The report of both sides, as one file that needs nothing else.",
        ("leadpact", "report", AGREEMENT, LOG, "--ledger", LEDGER, "--now", NOW, "-o", REPORT),
    ),
)
NEXT = (
    ("each clause as a sentence", ("leadpact", "explain", AGREEMENT)),
    ("what a draft would change", ("leadpact", "diff", AGREEMENT, DRAFT)),
    (
        "what it would have meant for this quarter",
        ("leadpact", "replay", AGREEMENT, DRAFT, LOG, "--now", NOW),
    ),
    ("its worked examples, run as tests", ("leadpact", "cases", AGREEMENT)),
    ("an agreement of your own", ("leadpact", "new")),
)


def main():
    """Run every step; the exit code is that of the first one that fails."""
    os.chdir(Path(__file__).parents[2])
    began = time.monotonic()
    if not any(Path().glob(MARKS)):
        print("The engine compiles itself the first time; that takes about half a minute, once.")
    for what, command in STEPS:
        print(f"\n{what}\n$ {spoken(command)}", flush=True)
        found = subprocess.run(located(command), check=False)
        if found.returncode:
            return found.returncode
    print(f"\nDone in {time.monotonic() - began:.0f} seconds. Open the report in a browser:")
    print(f"  {REPORT.resolve().as_uri()}")
    print("\nTry next:")
    for what, command in NEXT:
        print(f"  # {what}\n  {os.path.relpath(COMMANDS)}/{spoken(command)}")
    return 0


def spoken(command):
    """A command as one types it."""
    return " ".join(str(part) for part in command)


def located(command):
    """A command with the place of its program."""
    name, *rest = (str(part) for part in command)
    return [str(COMMANDS / name), *rest]


if __name__ == "__main__":
    raise SystemExit(main())
