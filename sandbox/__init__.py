"""A cloud in a box: the unchanged program, the real engine, no account and no cost."""
