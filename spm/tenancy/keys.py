"""Keys of rows. Time-ordered so that indexes stay dense, random so that nobody can count or guess another company's rows."""

import os
import time
from uuid import UUID


def uuid7() -> UUID:
    """Make a version 7 UUID: 48 bits of milliseconds, 74 random bits. Source: RFC 9562, 5.7."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds << 80) | int.from_bytes(os.urandom(10), "big")
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return UUID(int=value)


def uuid7_texts(count: int) -> list[str]:
    """Make many version 7 UUIDs of one moment, as text."""
    moment = f"{time.time_ns() // 1_000_000:012x}"
    head, digits = f"{moment[:8]}-{moment[8:]}-7", os.urandom(10 * count).hex()
    starts = range(0, 20 * count, 20)
    return [
        f"{head}{digits[at : at + 3]}-{'89ab'[int(digits[at + 3], 16) & 3]}{digits[at + 4 : at + 7]}-{digits[at + 7 : at + 19]}"
        for at in starts
    ]
