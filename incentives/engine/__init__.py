"""The compensation engine: plans and facts in, credits and earnings out. Pure, deterministic, independent of row order."""
