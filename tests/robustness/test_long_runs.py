"""Many threads at once, and memory that does not grow with the length of a run."""

import concurrent.futures
import gc
import subprocess
import sys

import numpy as np
import pytest

from galspec import (
    CEMPParams,
    GasMetallicity,
    SEDPredictor,
    StarFormingClassifier,
    example_spectra,
    read_spectra,
)


def same(table, other):
    for name in table.colnames:
        np.testing.assert_array_equal(np.asarray(table[name]), np.asarray(other[name]))


@pytest.mark.parametrize(
    ("cls", "kind"),
    [
        (GasMetallicity, "galaxies"),
        (StarFormingClassifier, "galaxies"),
        (CEMPParams, "stars"),
    ],
)
def test_many_threads_share_an_estimator(cls, kind):
    estimator, files = cls.pretrained(), example_spectra(kind)
    alone = [estimator.predict([file]) for file in files]
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        jobs = [
            pool.submit(estimator.predict, [files[k % 6]], workers=1 + k % 2)
            for k in range(48)
        ]
        for number, job in enumerate(jobs):
            same(job.result(), alone[number % 6])


def test_threads_explain_and_predict_at_once():
    estimator, files = GasMetallicity.pretrained(), example_spectra()
    alone = [estimator.explain(file, method="gradient").windows for file in files]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        told = [
            pool.submit(estimator.explain, file, method="gradient") for file in files
        ]
        values = [pool.submit(estimator.predict, [file]) for file in files]
        for number, job in enumerate(told):
            same(job.result().windows, alone[number])
        assert np.isfinite([job.result()["oh"][0].value for job in values[:5]]).all()


def test_energy_distributions_in_threads():
    estimator, files = SEDPredictor.pretrained(), example_spectra("stars")
    alone = [estimator.predict(file).flux.value for file in files]
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        for number, found in enumerate(pool.map(estimator.predict, files * 3)):
            np.testing.assert_array_equal(found.flux.value, alone[number % 6])


#: Prints by how many MiB a process grows between its 10th and its last batch.
GROWTH = """
import pathlib
import sys
import galspec
from galspec.io import iter_batches

def resident():
    pages = int(pathlib.Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 2**20

estimator = galspec.GasMetallicity.pretrained()
files = galspec.example_spectra()
sizes = []

def watched(batches):
    for batch in batches:
        sizes.append(resident())
        yield batch

many = files * int(sys.argv[1])
estimator.predict_batches(watched(iter_batches(many, 24)), workers=2)
print(max(sizes[-10:]) - max(sizes[:10]))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks /proc")
def test_memory_does_not_grow_with_the_number_of_batches():
    """1200 files are 60 MiB as spectra, and their results a few hundred kilobytes."""
    done = subprocess.run(
        [sys.executable, "-c", GROWTH, "200"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert float(done.stdout) < 30


def test_nothing_keeps_the_batches_alive():
    import weakref

    estimator, kept = GasMetallicity.pretrained(), []
    spectra = read_spectra(example_spectra())

    def batches():
        for _ in range(5):
            batch = spectra.replace(flux=spectra.flux.copy())
            kept.append(weakref.ref(batch.flux))
            yield batch

    estimator.predict_batches(batches(), workers=1)
    gc.collect()
    assert [flux() for flux in kept] == [None] * 5
