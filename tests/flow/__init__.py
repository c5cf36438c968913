"""Whole stories in memory: real decisions, real SQLite, real mails; only the wire is missing."""
