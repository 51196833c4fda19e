"""What is said where a dump cannot be taken in."""

from __future__ import annotations


class DumpError(Exception):
    """The dump cannot be loaded. The text says why, and what to do."""
