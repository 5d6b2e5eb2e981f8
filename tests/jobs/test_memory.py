"""Memory that is freed stays with a process that computes, and goes back when it says so."""

import platform
import subprocess
import sys

import pytest

FAULTS = """
import resource, sys
import numpy as np
from spm.jobs.memory import memory_give_back, memory_keep
if sys.argv[1] == "keep":
    memory_keep()
def taken():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(3):
        columns = [np.full(1_500_000, 7) for _ in range(6)]
        del columns
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
taken()
again = taken()
memory_give_back()
print(again, taken())
"""


def faults(what: str) -> list[int]:
    """Give the pages that the kernel had to clear for columns of 12 MB: asked for again, and after memory was handed back."""
    done = subprocess.run([sys.executable, "-c", FAULTS, what], capture_output=True, text=True, check=True)
    return [int(figure) for figure in done.stdout.split()]


def test_kept_memory_is_used_again_and_handed_back_when_told():
    if platform.libc_ver()[0] != "glibc":
        pytest.fail("This test asks glibc; on another C library memory_keep does nothing.")
    again, after = faults("keep")
    loose, _ = faults("loose")
    assert again < 50 < loose
    assert after > 100
