"""The reverse proxy that faces the internet, and the certificates it serves."""
