"""Many files on a cluster: the same rows as without, also where workers die."""

import os
import signal
import types

import numpy as np
import pytest

from galspec import (
    ELGPhotoZ,
    Flags,
    GasMetallicity,
    SpectrumBatch,
    example_photometry,
    example_spectra,
    read_spectra,
)
from galspec.catalog import ClusterError, clusters, files_on_cluster, predict_files
from galspec.partitions.reference import WorkerMismatchError

distributed = pytest.importorskip("distributed")

EXAMPLES = [str(path) for path in example_spectra()]


@pytest.fixture(scope="module")
def estimator():
    return GasMetallicity.pretrained("feng2025", offline=True, device="cpu")


@pytest.fixture(scope="module")
def names(tmp_path_factory):
    """Some hundred files, some of them no spectra."""
    folder = tmp_path_factory.mktemp("files")
    (folder / "broken.fits").write_bytes(b"SIMPLE" + bytes(3000))
    bad = [str(folder / "broken.fits"), str(folder / "gone.fits")]
    return [*EXAMPLES * 30, *bad, *EXAMPLES[::-1] * 30]


@pytest.fixture(scope="module")
def expected(estimator, names):
    return estimator.predict_batches([read_spectra(names)])


def same(table, expected):
    assert table.colnames == expected.colnames
    assert table.meta == expected.meta
    for name in expected.colnames:
        one, other = (getattr(t[name], "value", t[name]) for t in (table, expected))
        if other.dtype.kind == "f":
            np.testing.assert_allclose(one, other, rtol=1e-4, err_msg=name)
        else:
            assert one.tolist() == other.tolist(), name
        assert table[name].unit == expected[name].unit


def test_a_cluster_gives_the_same_table(cluster, estimator, names, expected):
    table = predict_files(estimator, names, scheduler=cluster, partition_size=60)
    same(table, expected)
    assert np.count_nonzero(table["flags"] == Flags.UNREADABLE) == 2


def test_a_killed_worker_loses_nothing(
    cluster, estimator, names, expected, monkeypatch
):
    with distributed.Client(cluster, set_as_default=False) as client:
        before = set(client.run(os.getpid).values())
    finished = []

    def and_kill(client, function, items, done):
        def done_and_kill(result):
            done(result)
            finished.append(len(result))
            if len(finished) == 3:
                os.kill(min(before), signal.SIGKILL)

        return clusters.run_in_order(client, function, items, done_and_kill)

    monkeypatch.setattr(files_on_cluster, "run_in_order", and_kill)
    table = predict_files(estimator, names, scheduler=cluster, partition_size=10)
    same(table, expected)
    assert len(finished) > 30
    with distributed.Client(cluster, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=60)
        after = set(client.run(os.getpid).values())
    assert min(before) not in after


def test_redshifts_are_given_to_files(cluster, names):
    estimator = GasMetallicity.pretrained(offline=True, device="cpu")
    known = {EXAMPLES[0]: 0.05, EXAMPLES[2]: 0.06, "other.fits": 0.07}
    table = predict_files(estimator, EXAMPLES, scheduler=cluster, redshift=known)
    batch = read_spectra(EXAMPLES)
    redshift = batch.redshift.copy()
    redshift[[0, 2]] = 0.05, 0.06
    same(table, estimator.predict(SpectrumBatch.gather(batch, redshift=redshift)))
    table = predict_files(estimator, EXAMPLES[0], scheduler=cluster, redshift=0.05)
    assert table["redshift"].tolist() == [0.05]


def test_names_relative_to_this_process_are_found(cluster, estimator, monkeypatch):
    folder = os.path.dirname(EXAMPLES[0])
    monkeypatch.chdir(folder)
    short = [os.path.basename(name) for name in EXAMPLES]
    table = predict_files(estimator, short, scheduler=cluster)
    assert table["file"].tolist() == short
    assert np.isfinite(table["oh"]).all()


def test_options_of_predict_hold(cluster, estimator):
    table = predict_files(
        estimator, EXAMPLES, scheduler=cluster, interval=0.9, scale="T04"
    )
    same(table, estimator.predict(EXAMPLES, interval=0.9, scale="T04"))
    with pytest.raises(ValueError, match="interval is 2"):
        predict_files(estimator, EXAMPLES, scheduler=cluster, interval=2)


def test_who_is_connected_already_can_be_given(cluster, estimator):
    with distributed.Client(cluster, set_as_default=False) as client:
        table = predict_files(estimator, EXAMPLES, scheduler=client)
        same(table, estimator.predict(EXAMPLES))
        assert client.status == "running"


def test_no_files_give_an_empty_table(cluster, estimator):
    table = predict_files(estimator, [], scheduler=cluster)
    assert len(table) == 0
    assert table["oh"].unit == "dex"


def test_tables_of_photometry_are_a_task_each(cluster, tmp_path):
    estimator = ELGPhotoZ.pretrained(offline=True, device="cpu")
    name = str(example_photometry())
    table = predict_files(estimator, [name], scheduler=cluster, survey="ls-dr10")
    same(table, estimator.predict(name, survey="ls-dr10"))
    table = predict_files(estimator, [name, name], scheduler=cluster)
    same(table, estimator.predict([name, name]))
    with pytest.raises(OSError, match=r"gone\.fits"):
        predict_files(estimator, [name, str(tmp_path / "gone.fits")], scheduler=cluster)


def test_other_weights_on_the_workers_are_an_error(cluster, tmp_path):
    path = tmp_path / "weights.safetensors"
    GasMetallicity.pretrained("feng2025", offline=True).save(path)
    estimator = GasMetallicity.pretrained(path=path, device="cpu")
    GasMetallicity.pretrained("default", offline=True).save(path)
    with pytest.raises(WorkerMismatchError, match="SHA-256"):
        predict_files(estimator, EXAMPLES, scheduler=cluster)


@pytest.mark.parametrize("version", ["0.0.1", None])
def test_another_galspec_on_a_worker_is_an_error(version):
    def told(packages):
        own = {"packages": {"astro-galspec": "1.0"}}
        other = {"packages": {"astro-galspec": version}}
        return {"client": own, "workers": {"tcp://a": own, "tcp://b": other}}

    client = types.SimpleNamespace(get_versions=told)
    with pytest.raises(WorkerMismatchError, match=r"tcp://b has .* astro-galspec"):
        clusters.check_versions(client)


def test_what_kills_every_worker_is_given_up(cluster):
    """A part that is too large for the memory of any worker, for example."""
    with distributed.Client(cluster, set_as_default=False) as client:
        with pytest.raises(ClusterError, match="memory is short"):
            clusters.run_in_order(client, os._exit, [9])
        client.wait_for_workers(2, timeout=60)


def test_wrong_calls_are_told(cluster, estimator, monkeypatch):
    with pytest.raises(ValueError, match="partition_size is 0"):
        predict_files(estimator, EXAMPLES, scheduler=cluster, partition_size=0)
    with pytest.raises(ValueError, match="has its own"):
        predict_files(estimator, EXAMPLES, scheduler=cluster, workers=2)
    monkeypatch.setattr(clusters, "TIMEOUT", "1s")
    with pytest.raises(ClusterError, match="no scheduler answers at tcp"):
        predict_files(estimator, EXAMPLES, scheduler="tcp://127.0.0.1:1")


def test_parts_are_no_larger_than_told_and_enough_for_all_threads():
    assert files_on_cluster._part_size(1_000_000, 1000, 8) == 1000
    assert files_on_cluster._part_size(1500, 1000, 8) == 188
    assert files_on_cluster._part_size(120, 1000, 8) == 60
    assert files_on_cluster._part_size(3, 1000, 8) == 3
    assert files_on_cluster._part_size(0, 1000, 0) == 1
