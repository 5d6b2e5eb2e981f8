"""What people type into the pages of insights, and ask of its API."""
