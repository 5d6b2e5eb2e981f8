"""What `make bench` measures. Prints what came out, also when it misses an aim; nothing here is a test."""
