"""Stand-ins for the images that a registry would serve, and the machine and cloud images."""
