"""The files that the commands in the documentation are about."""

import shutil

import numpy as np
import pytest
from astropy.table import Table

import galspec

#: How often each example stands in the labelled table: a fit needs more than six.
REPEATED = 8


@pytest.fixture(scope="session")
def example_files(tmp_path_factory):
    """A folder with spectra, photometry and labels, all made of the examples."""
    folder = tmp_path_factory.mktemp("examples")
    for kind, name in (("galaxies", "spectra"), ("stars", "stars")):
        (folder / name).mkdir()
        for path in galspec.example_spectra(kind):
            shutil.copy(path, folder / name)
    shutil.copy(folder / "spectra" / "example-1.fits.gz", folder / "galaxy.fits.gz")
    shutil.copy(folder / "stars" / "star-4.fits.gz", folder / "star.fits.gz")
    shutil.copytree(galspec.example_cutouts(), folder / "cutouts")
    labels = labelled_spectra(folder, galspec.example_truth())
    labels.write(folder / "labelled.ecsv")
    labels.rename_columns(("oh", "mass"), ("oh_p50", "lgm_fib_p50"))
    labels.write(folder / "mpa_jhu.fits")
    (folder / "names.txt").write_text("\n".join(labels["file"]))
    labelled_stars(galspec.example_truth("stars")).write(folder / "stars.ecsv")
    cutouts = galspec.example_cutouts()
    optical, infrared = (sorted(cutouts.glob(f"*{w}*")) for w in ("griz", "unwise"))
    shutil.copy(optical[0], folder / "a-griz.fits")
    shutil.copy(infrared[0], folder / "a-unwise.fits")
    shutil.copy(optical[1], folder / "b-griz.fits")
    objects = Table.read(galspec.example_photometry())
    objects.write(folder / "objects.fits")
    known = galspec.example_truth("photometry")
    objects["ra", "dec"][:2].write(folder / "literature.csv")
    labelled_photometry(objects, known).write(folder / "galaxies.fits")
    return folder


def labelled_spectra(folder, truth):
    """Six galaxies, again and again under other names, with labels and classes."""
    (folder / "labelled").mkdir()
    table = truth[np.arange(REPEATED * len(truth)) % len(truth)]
    for row, name in enumerate(table["file"]):
        link = folder / "labelled" / f"{row:03}.fits.gz"
        link.symlink_to(galspec.example_spectra()[0].with_name(str(name)))
    table["file"] = [f"labelled/{row:03}.fits.gz" for row in range(len(table))]
    table["class"] = np.where(table["kind"] == "passive", "passive", "sf")
    table["mass"] = np.random.default_rng(1).uniform(8.5, 11, len(table))
    table["group"] = np.arange(len(table))
    table.meta["scale"] = "PP04 O3N2"
    return table["file", "oh", "redshift", "snr_r", "class", "mass", "group"]


def labelled_stars(truth):
    """Six stars, again and again, with labels."""
    truth["file"] = [f"stars/{name}" for name in truth["file"]]
    table = truth["file", "teff", "logg", "feh", "cfe", "ch"]
    table = table[np.arange(REPEATED * len(table)) % len(table)]
    table["group"] = np.arange(len(table))
    return table


def labelled_photometry(objects, known):
    """Twelve galaxies, again and again, with redshifts and types."""
    objects = objects.copy()
    objects["z_spec"] = known["z"]
    objects["type"] = np.where(np.arange(len(objects)) % 2, "elg", "bright")
    return objects[np.arange(REPEATED * len(objects)) % len(objects)]


@pytest.fixture
def one_thread():
    """Fits of a few dozen spectra: threads would mostly wait for each other."""
    torch = pytest.importorskip("torch")
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def workplace(example_files, tmp_path, monkeypatch, one_thread):
    """The working folder of a page: those files, and nothing of another page."""
    folder = tmp_path / "work"
    shutil.copytree(example_files, folder, symlinks=True)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("GALSPEC_OFFLINE", "1")
    return folder
