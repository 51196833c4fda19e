"""When a certificate should have been renewed, as shares of its lifetime, which authorities make shorter."""

from __future__ import annotations

RENEWED = 1 / 3
"""Share of the lifetime that is left when the authority asks for renewal. Let's Encrypt's renewal window
(RFC 9773) is there, and earlier for certificates of less than ten days (`RenewalInfoSimple` in boulder's
core/objects.go)."""
OVERDUE = RENEWED / 2
"""Share that is left when somebody has to look why it was not renewed: as much time has passed in vain as
there is to set it right."""
