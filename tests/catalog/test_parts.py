"""A catalogue that was interrupted is taken up again, and never mixed with another."""

import contextlib
import os
import pathlib
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from galspec.catalog import CatalogError, Criteria, metallicity_catalog
from galspec.catalog.parts import MANIFEST, Parts

HERE = pathlib.Path(__file__).parent
#: A process that makes a catalogue and never gets beyond its third part.
SLOW = """
import importlib.util, pathlib, sys, time

spec = importlib.util.spec_from_file_location("methods", sys.argv[1])
methods = importlib.util.module_from_spec(spec)
spec.loader.exec_module(methods)


class SlowMeter(methods.Meter):
    def _predict_batch(self, batch, interval):
        if any(name.endswith("0006.fits.gz") for name in batch.ids.get("file", ())):
            time.sleep(600)
        return super()._predict_batch(batch, interval)


from galspec.catalog import metallicity_catalog

metallicity_catalog(
    pathlib.Path(sys.argv[2]), sys.argv[3], classifier=methods.Sorter(),
    estimator=SlowMeter(), partition_size=2, batch_size=2, workers=1,
)
"""


@pytest.fixture
def files(write_file):
    return [write_file(number, oh=8 + 0.05 * number) for number in range(10)]


class InterruptError(Exception):
    pass


@pytest.fixture
def interrupted(files, methods, tmp_path, monkeypatch):
    """A catalogue of which two parts of five are there; its output."""
    out = tmp_path / "catalog.fits"
    estimator = methods["estimator"]
    predict = estimator._predict_batch

    def failing(batch, interval):
        if "6" in batch.ids.get("obsid", ()):
            raise InterruptError
        return predict(batch, interval)

    with monkeypatch.context() as patch:
        patch.setattr(estimator, "_predict_batch", failing)
        with pytest.raises(InterruptError):
            metallicity_catalog(files, out, partition_size=2, **methods)
    estimator.seen = 0
    assert not out.exists()
    return out


def parts(out):
    return sorted(pathlib.Path(f"{out}.parts").glob("part-*.npz"))


@contextlib.contextmanager
def slow_process(spectra, out):
    """Another process that has made three parts, and is killed in the end."""
    arguments = [HERE / "conftest.py", spectra, out]
    process = subprocess.Popen([sys.executable, "-c", SLOW, *map(str, arguments)])
    try:
        limit = time.monotonic() + 120
        while len(parts(out)) < 3:
            assert process.poll() is None, "the process ended by itself"
            assert time.monotonic() < limit, "no parts were written"
            time.sleep(0.05)
        yield
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def test_a_killed_process_loses_no_finished_part(files, methods, tmp_path, same):
    out = tmp_path / "catalog.fits"
    with slow_process(tmp_path / "spectra", out):
        # while it runs, nobody else may work on the same parts
        for overwrite in (False, True):
            with pytest.raises(CatalogError, match="another process is making this"):
                metallicity_catalog(
                    files, out, partition_size=2, overwrite=overwrite, **methods
                )
        assert methods["estimator"].seen == 0
    assert len(parts(out)) == 3
    table = metallicity_catalog(files, out, partition_size=2, **methods)
    assert methods["estimator"].seen == 4
    same(table, metallicity_catalog(files, **methods))
    assert list(table["file"]) == files
    assert not pathlib.Path(f"{out}.parts").exists()


def test_finished_parts_are_not_made_again(interrupted, files, methods, same):
    assert len(parts(interrupted)) == 3
    table = metallicity_catalog(files, interrupted, partition_size=2, **methods)
    assert methods["estimator"].seen == 4
    same(table, metallicity_catalog(files, **methods))
    assert interrupted.exists()
    assert not pathlib.Path(f"{interrupted}.parts").exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"criteria": Criteria(z_max=0.2)}, "z_max was 0.3 and is now 0.2"),
        ({"scale": "T04"}, "scale was 'PP04 O3N2' and is now 'T04'"),
        ({"prior": {"sf": 1, "agn": 1}}, "prior was '' and is now 'agn=1,sf=1'"),
        ({"partition_size": 3}, "partition_size was 2 and is now 3"),
    ],
)
def test_parts_of_another_catalogue_are_refused(
    interrupted, files, methods, same, change, message
):
    options = {"partition_size": 2, **methods, **change}
    before = [path.stat().st_mtime_ns for path in parts(interrupted)]
    with pytest.raises(CatalogError, match=message):
        metallicity_catalog(files, interrupted, **options)
    assert [path.stat().st_mtime_ns for path in parts(interrupted)] == before
    table = metallicity_catalog(files, interrupted, overwrite=True, **options)
    same(table, metallicity_catalog(files, **methods, **change))


def test_other_files_are_another_catalogue(interrupted, files, methods):
    with pytest.raises(CatalogError, match="files was 10 and is now 9"):
        metallicity_catalog(files[:9], interrupted, partition_size=2, **methods)
    with pytest.raises(CatalogError, match="list_sha was"):
        metallicity_catalog(files[::-1], interrupted, partition_size=2, **methods)
    known = {"file": files, "z": np.full(10, 0.15)}
    with pytest.raises(CatalogError, match="list_sha was"):
        metallicity_catalog(known, interrupted, partition_size=2, **methods)


def test_other_weights_are_another_catalogue(interrupted, files, methods):
    methods["estimator"]._provenance = {"weights": "default", "sha256": "1" * 64}
    with pytest.raises(CatalogError, match=f"sha256 was '' and is now '{'1' * 64}'"):
        metallicity_catalog(files, interrupted, partition_size=2, **methods)


def test_a_part_of_files_that_have_changed_is_made_again(
    interrupted, files, methods, write_file
):
    write_file(1, oh=8.77)
    os.utime(files[1], ns=(1, 1))
    table = metallicity_catalog(files, interrupted, partition_size=2, **methods)
    assert methods["estimator"].seen == 6
    np.testing.assert_allclose(table["oh"][1].value, 8.77, rtol=1e-6)


def test_a_spoilt_part_is_made_again(interrupted, files, methods, same):
    first, second, third = parts(interrupted)
    first.write_bytes(b"")
    second.write_bytes(second.read_bytes()[:500])
    np.savez(third, something=1)
    table = metallicity_catalog(files, interrupted, partition_size=2, **methods)
    same(table, metallicity_catalog(files, **methods))


def test_the_same_call_goes_on_even_if_it_may_overwrite(interrupted, files, methods):
    metallicity_catalog(files, interrupted, partition_size=2, overwrite=True, **methods)
    assert methods["estimator"].seen == 4


def test_a_folder_of_something_else_is_left_alone(files, methods, tmp_path):
    out = tmp_path / "catalog.fits"
    folder = tmp_path / "catalog.fits.parts"
    folder.mkdir()
    (folder / "thesis.tex").write_text("precious")
    for overwrite in (False, True):
        with pytest.raises(CatalogError, match=r"holds thesis\.tex"):
            metallicity_catalog(files, out, overwrite=overwrite, **methods)
    assert (folder / "thesis.tex").read_text() == "precious"


def test_an_output_is_not_replaced_unasked(files, methods, tmp_path):
    out = tmp_path / "catalog.ecsv"
    out.write_text("precious")
    with pytest.raises(FileExistsError, match="overwrite=True"):
        metallicity_catalog(files, out, **methods)
    assert out.read_text() == "precious"
    assert not pathlib.Path(f"{out}.parts").exists()


class KilledError(BaseException):
    pass


@pytest.mark.parametrize("left", [("part-*", MANIFEST), (MANIFEST,)])
def test_a_kill_after_the_catalogue_is_written(
    files, methods, tmp_path, same, monkeypatch, left
):
    out = tmp_path / "catalog.fits"

    def killed(self):
        """As `Parts.remove` up to some point."""
        for path in {*self.folder.iterdir()} - {
            path for pattern in left for path in self.folder.glob(pattern)
        }:
            path.unlink()
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr(Parts, "remove", killed)
        with pytest.raises(KilledError):
            metallicity_catalog(files, out, **methods)
    assert out.exists()
    table = metallicity_catalog(files, out, **methods)
    same(table, metallicity_catalog(files, **methods))
    assert not pathlib.Path(f"{out}.parts").exists()


def test_parts_that_nobody_vouches_for_do_not_count(interrupted, files, methods, same):
    folder = parts(interrupted)[0].parent
    (folder / MANIFEST).unlink()
    criteria = Criteria(z_max=0.05)
    options = {"partition_size": 2, "criteria": criteria, **methods}
    same(
        metallicity_catalog(files, interrupted, **options),
        metallicity_catalog(files, **options),
    )


def test_the_lock_ends_with_the_call_that_fails(interrupted, files, methods):
    other = {"criteria": Criteria(z_max=0.2), "partition_size": 2, **methods}
    # a user who looks at the error keeps everything alive that it happened in
    with pytest.raises(CatalogError) as error:
        metallicity_catalog(files, interrupted, **other)
    metallicity_catalog(files, interrupted, partition_size=2, **methods)
    assert methods["estimator"].seen == 4
    assert "z_max was" in str(error.value)
