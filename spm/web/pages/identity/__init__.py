"""Pages of who gets in, to what, and for how long."""
