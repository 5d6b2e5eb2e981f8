"""How large a file of facts may be. Everything above is refused with a sentence that names the limit.

The numbers keep one reading under 256 MB of memory and 30 seconds on one core.
"""

from __future__ import annotations

SIZE_LIMIT = 50 * 1024 * 1024
"""Bytes of a file as received."""

ROWS_LIMIT = 1_000_000
"""Rows below the header, per sheet."""

COLUMNS_LIMIT = 500
CELL_LIMIT = 32_767
"""Characters of one cell: what a spreadsheet can hold."""

HEADER_LIMIT = 255
"""Characters of a column's name."""

LINE_LIMIT = 1_000_000
"""Characters of one line of a CSV file."""

UNPACKED_LIMIT = 100 * 1000 * 1000
"""Bytes of all parts of a workbook, unpacked."""

RATIO_LIMIT = 200
"""Unpacked bytes per packed byte; ordinary workbooks stay under 60."""

RATIO_FREE = 1_000_000
"""Parts of up to this many unpacked bytes are not asked for their ratio."""

ENTRIES_LIMIT = 2_000
DIRECTORY_LIMIT = 1_000_000
"""Bytes of the list of parts of a workbook."""

SHEETS_LIMIT = 200
POSITIONS_LIMIT = 5_000_000
"""Cells of the rectangle that a sheet's contents span, empty ones included."""

MARKS_LIMIT = 10_000
"""Rows of one sheet that may be held for merged cells, error values and formulas without a result."""

CHILD_MEMORY = 330 * 1024 * 1024
"""Address space of the process that opens a workbook; its resident part stays under 256 MB."""

CHILD_CPU_SECONDS = 25
CHILD_SECONDS = 60
"""Seconds on the clock, for a machine with other work to do."""

CHILD_OUTPUT = 400 * 1024 * 1024
"""Bytes of the rows that a workbook may turn into."""
