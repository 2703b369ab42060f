"""Operation: backup, restore, release, doctor and export; each a call that a command makes."""
