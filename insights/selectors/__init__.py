"""The door of insights."""
