"""`python -m leaddesk`."""

from leaddesk.cli import main

main()
