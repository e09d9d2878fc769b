import sys
import zipfile

import numpy as np
import pytest
from astropy.utils.exceptions import AstropyUserWarning

from galspec.weights import (
    WeightsError,
    available,
    download,
    load,
    register,
    resolve,
    store,
    write_bundle,
)
from galspec.weights.files import file_sha256


@pytest.fixture
def weights_dir(tmp_path, monkeypatch):
    folder = tmp_path / "weights"
    (folder / "gas-metallicity").mkdir(parents=True)
    monkeypatch.setenv("GALSPEC_WEIGHTS_DIR", str(folder))
    return folder


@pytest.fixture
def embedded(tmp_path, monkeypatch, bundle_file):
    """A copy of the package's folder with one embedded file."""
    root = tmp_path / "installed"
    file = root / "data" / "gas-metallicity" / "test.safetensors"
    file.parent.mkdir(parents=True)
    file.write_bytes(bundle_file.read_bytes())
    monkeypatch.setattr(store, "_ROOT", root)
    return file


def test_every_embedded_file_is_as_registered():
    for entry in (entry for entry in available() if entry.embedded):
        file = resolve(entry.estimator, entry.tag, offline=True)
        assert file_sha256(file) == entry.sha256
        assert file.stat().st_size == entry.size


def test_explicit_path(bundle_file, tmp_path):
    assert resolve("any", "thing", path=str(bundle_file)) == bundle_file
    write_bundle(tmp_path / "folder", {"a": np.ones(2)}, {})
    assert "a" in load("any", path=tmp_path / "folder").tensors
    with pytest.raises(WeightsError, match="no weights at"):
        resolve("any", path=tmp_path / "absent.safetensors")


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "a b", None, "a\n"])
def test_names_cannot_leave_the_folder(name, weights_dir):
    with pytest.raises(WeightsError, match="is no name of estimator"):
        resolve(name)
    with pytest.raises(WeightsError, match="is no name of tag"):
        resolve("gas-metallicity", name)


def test_folder_comes_first(weights_dir, bundle_file, published, embedded, server):
    file = weights_dir / "gas-metallicity" / "test.safetensors"
    file.write_bytes(bundle_file.read_bytes())
    assert resolve("gas-metallicity", "test") == file
    file.unlink()
    assert resolve("gas-metallicity", "test") == embedded
    assert not server.requests


def test_tag_of_ones_own_in_the_folder(weights_dir, bundle_file):
    file = weights_dir / "gas-metallicity" / "mine.safetensors"
    file.write_bytes(bundle_file.read_bytes())
    assert load("gas-metallicity", "mine").card == "# A card\n"
    with pytest.raises(WeightsError, match=r"Did you mean 'mine'\? There are: .*mine"):
        load("gas-metallicity", "mines")


def test_folder_cannot_give_a_known_tag_another_content(weights_dir, published):
    file = weights_dir / "gas-metallicity" / "test.safetensors"
    found = write_bundle(file, {}, {})
    with pytest.raises(WeightsError, match="A tag has one content") as error:
        resolve("gas-metallicity", "test")
    assert found in str(error.value)
    assert published.sha256 in str(error.value)


def test_damaged_installation(embedded, published, server):
    embedded.write_bytes(embedded.read_bytes()[:-1] + b"\0")
    with pytest.raises(WeightsError, match="installation is damaged: pip install"):
        resolve("gas-metallicity", "test")
    assert not server.requests


def test_unknown_names(registry_file, bundle_file):
    for tag in ("default", "feng2025"):
        register(bundle_file, "some-lines", tag, registry=registry_file)
    with pytest.raises(WeightsError, match=r"Did you mean 'feng2025'.*default, feng"):
        resolve("some-lines", "feng2024")
    with pytest.raises(WeightsError, match=r"Did you mean 'some-lines'.*path="):
        resolve("some-line")


def test_nothing_says_where_to_get_it(registry_file, bundle_file):
    register(bundle_file, "some-lines", "default", registry=registry_file)
    with pytest.raises(WeightsError, match="no registry says where to get them"):
        resolve("some-lines")


def test_data_only_package(packaged, bundle_file):
    folder = packaged()
    assert resolve("x-y", "packed") == folder / "x-y" / "packed.safetensors"
    assert download("x-y", "packed") == folder / "x-y" / "packed.safetensors"
    assert load("x-y", "packed", offline=True).sha256 == file_sha256(bundle_file)


def test_damaged_data_only_package(packaged):
    file = packaged() / "x-y" / "packed.safetensors"
    file.write_bytes(file.read_bytes() + b"\0")
    with pytest.raises(WeightsError, match="distribution some-weights: reinstall it"):
        resolve("x-y", "packed")


def test_zipped_data_only_package(packaged, tmp_path, monkeypatch, bundle_file):
    site = packaged().parent
    archive = tmp_path / "site.zip"
    with zipfile.ZipFile(archive, "w") as zipped:
        for file in site.rglob("*"):
            zipped.write(file, file.relative_to(site))
    monkeypatch.setattr("sys.path", [p for p in sys.path if p != str(site)])
    monkeypatch.syspath_prepend(archive)
    file = resolve("x-y", "packed")
    assert file.read_bytes() == bundle_file.read_bytes()


def test_broken_package_does_not_disturb_others(packaged):
    packaged("broken_weights", init="raise RuntimeError('no')")
    good = packaged("good_weights")
    with pytest.warns(AstropyUserWarning, match=r"broken-weights are left out"):
        assert resolve("x-y", "packed").is_relative_to(good)


def test_package_with_a_broken_registry(packaged):
    (packaged("broken_weights") / "registry.json").write_text("{")
    with pytest.warns(AstropyUserWarning, match=r"left out: broken-weights"):
        assert all(entry.estimator != "x-y" for entry in available())


def test_embedded_weights_need_no_package(packaged, embedded, published):
    packaged("broken_weights", init="raise RuntimeError('no')")
    assert resolve("gas-metallicity", "test") == embedded
