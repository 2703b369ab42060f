"""Make the picture of the README: the head of Northwind's report, in a headless browser."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

REPORT = Path("out/northwind/report.html")
PICTURE = Path("docs/images/report.png")
QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--hide-scrollbars",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def main() -> None:
    """Photograph the report that `make engine-demo` wrote."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None or not REPORT.exists():
        sys.exit("Run `make engine-demo` first, and install Chromium.")
    with tempfile.TemporaryDirectory() as profile:
        size = ("--window-size=1200,900", "--force-device-scale-factor=1")
        where = (f"--user-data-dir={profile}", f"--screenshot={PICTURE}")
        command = [browser, *QUIET, *size, *where, REPORT.resolve().as_uri()]
        subprocess.run(command, check=True, capture_output=True)
    print(f"picture: {PICTURE}")


if __name__ == "__main__":
    main()
