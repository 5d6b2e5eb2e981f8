"""Files of facts: the only code that reads and writes them. Pure Python, without models and without a network.

`reading` opens a file as sheets of text, `values` types a cell, `schemas` says what can be imported, `mapping` and
`records` turn a row into typed values, `matching` proposes near names. What to do with a record is `spm.crm.intake`'s work.
"""
