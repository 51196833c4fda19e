"""Backups: an encrypted copy of every app's data in a store of its own, proved by restoring."""
