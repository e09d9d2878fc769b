"""What Dask tells malloc, and why it is taken back where torch runs."""

import ctypes
import os
import sys

__all__ = ["end_memory_trimming"]

#: Of ``mallopt``, and what glibc itself arrives at where nobody tells it anything.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
TRIM_THRESHOLD, MMAP_THRESHOLD = 64 << 20, 32 << 20


def end_memory_trimming():
    """Let malloc keep the memory that every step of a network needs again.

    Dask sets ``MALLOC_TRIM_THRESHOLD_`` in its worker processes. With that, glibc gives
    every freed array back to the system and asks for the next one, which makes eager
    torch half as fast. Nothing is done where the variable is not set, or on a system
    without glibc.
    """
    if "MALLOC_TRIM_THRESHOLD_" not in os.environ or sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_MMAP_THRESHOLD, MMAP_THRESHOLD)
        mallopt(M_TRIM_THRESHOLD, TRIM_THRESHOLD)
