"""What Homeport deploys. One noun, one file; nothing here reads configuration or the environment."""
