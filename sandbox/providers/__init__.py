"""Stand-in resource providers: what the official plugins do, for the types this program uses."""
