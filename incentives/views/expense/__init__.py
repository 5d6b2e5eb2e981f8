"""Pages of commission expense."""
