"""Measures how fast the program is and how much memory its edge takes; `make bench`."""
