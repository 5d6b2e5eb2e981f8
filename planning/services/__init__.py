"""What changes planning."""
