"""Papers: statements and plan documents as tagged PDF, the same bytes each time."""
