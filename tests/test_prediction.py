import threading
import time

import numpy as np
import pytest

from galspec.prediction import run_groups


@pytest.mark.parametrize(("workers", "most"), [(1, 1), (2, 1), (4, 2)])
def test_half_of_the_threads_read_at_once(workers, most):
    lock, reading, seen = threading.Lock(), [0], []

    def group(number):
        with lock:
            reading[0] += 1
            seen.append(reading[0])
        time.sleep(0.002)
        with lock:
            reading[0] -= 1
        yield number

    def predict(number):
        return {"flags": np.zeros(1), "number": number}

    pieces = run_groups(predict, map(group, range(20)), workers=workers)
    assert [piece["number"] for piece in pieces] == list(range(20))
    assert max(seen) <= most


def test_a_group_that_cannot_be_read_stops_no_other_thread():
    def broken():
        raise OSError("gone")
        yield

    groups = [iter(()), broken(), *([iter(())] * 5)]
    with pytest.raises(OSError, match="gone"):
        run_groups(lambda batch: batch, groups, workers=2)
