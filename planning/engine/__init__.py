"""The arithmetic of planning: pure, exact where it is money, the same whatever the order of rows."""
