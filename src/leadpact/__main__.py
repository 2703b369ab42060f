"""`python -m leadpact`."""

from leadpact.cli import main

main()
