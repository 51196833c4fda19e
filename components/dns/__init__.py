"""DNS: which records a stack needs, the zone that holds them, and the wait until the world sees them."""
