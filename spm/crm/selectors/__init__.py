"""Reads of facts and of intake. `facts` and `frames` are for engines; the others take a viewer."""
