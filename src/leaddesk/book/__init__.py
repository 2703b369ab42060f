"""The book: storage, and who may do what; the only models."""
