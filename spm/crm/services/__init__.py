"""Changes of facts: uploads, decisions on held rows, orders by API. Each is one transaction, with `*, actor`."""
