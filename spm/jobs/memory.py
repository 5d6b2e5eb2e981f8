"""Freed memory kept for the next column, where the C library is glibc.

NumPy frees and asks for columns of megabytes all the time; glibc hands each back to the kernel, which clears every page again when it is
asked for. That was a third of a calculation's time at 1,000,000 deals (`make bench --only engine`).
"""

import ctypes
import platform

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # mallopt(3)
_KEPT = 1 << 30
_ARENA = 32 << 20  # the largest block that mallopt takes from the heap


def memory_keep() -> None:
    """Let this process keep up to 1 GiB of what it frees; elsewhere than on glibc nothing changes."""
    if platform.libc_ver()[0] == "glibc":
        library = ctypes.CDLL(None)
        library.mallopt(_TRIM_THRESHOLD, _KEPT)
        library.mallopt(_MMAP_THRESHOLD, _ARENA)


def memory_give_back(**_: object) -> None:
    """Hand what is kept back to the kernel: a worker does so when a job is done."""
    if platform.libc_ver()[0] == "glibc":
        ctypes.CDLL(None).malloc_trim(0)
