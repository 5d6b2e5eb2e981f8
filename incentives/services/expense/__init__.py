"""Writes of commission expense: books and policies, what they take from the ledger, and the close of a month."""
