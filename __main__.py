"""Homeport: settings -> machine -> DNS -> edge -> apps -> outputs, as stacks/program.py has them.

What is imported when is the order in which time is saved: see stacks/early_start.py.
"""

from __future__ import annotations

import gc

from stacks.early_start import start_before_settings, start_for

# All of the 200,000 objects of the SDKs stay: searching them for garbage took 0.8 s of every preview.
gc.disable()
started = start_before_settings()

from stacks.configuration import configured  # noqa: E402

settings = configured()
start_for(settings, started)

from stacks.program import deploy  # noqa: E402

deploy(settings)

# Frozen, they are not searched when the program ends either.
gc.freeze()
gc.enable()
