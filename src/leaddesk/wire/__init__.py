"""Wire: facts in, from files that people bring."""
