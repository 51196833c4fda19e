"""Sets a machine up for Homeport: Python environment, Pulumi engine, Docker engine, and the linters."""
