"""The post: notices become messages, and messages reach people."""
