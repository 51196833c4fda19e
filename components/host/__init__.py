"""The machine that the containers run on, and what runs there."""
