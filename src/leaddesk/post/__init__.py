"""Post: notices out, by an outbox and one file a channel."""
