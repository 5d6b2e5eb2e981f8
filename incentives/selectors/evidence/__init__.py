"""The evidence of a pay period: what stands in each file of its pack, and the script that verifies the pack without the product."""
