"""Reads of commission expense: what the ledger posted by deal, the contracts, and what stands in each book."""
