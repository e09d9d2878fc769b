"""Pages of candidates: one each, of the right star, and never over others."""

import sys

import numpy as np
import pytest

from galspec.catalog import cemp_search
from galspec.catalog.cemp import pages as module


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_page_for_every_candidate(write_star, reader, tmp_path):
    files = [write_star(1, p=0.6), write_star(2, p=0.9), write_star(3, p=0.3)]
    folder = tmp_path / "pages"
    cemp_search(files, estimator=reader, pages=folder)
    assert names(folder) == ["rank-0001-2.png", "rank-0002-1.png"]


def test_each_shows_its_star_beside_a_normal_one(
    write_star, reader, tmp_path, monkeypatch
):
    drawn = []

    def plot(row, batch, other, caption, path):
        drawn.append((row, batch, other, caption))
        path.write_text("a page")

    monkeypatch.setattr(module, "plot_star", plot)
    files = [write_star(n, p=p, noise=0.1) for n, p in enumerate((0.9, 0.02, 0.7))]
    cemp_search(files, estimator=reader, pages=tmp_path / "pages")
    assert [row["obsid"] for row, *_ in drawn] == ["0", "2"]
    for row, batch, other, caption in drawn:
        expected = pytest.approx(100 * float(row["p_cemp"]), rel=0.02)
        assert np.median(batch.flux[0, -500:]) == expected
        assert np.median(other.flux[0, -500:]) == pytest.approx(2, rel=0.1)
        assert batch.redshift[0] == 1e-4
        assert caption.startswith("grey: 1, 5000 K, log g 2.0, [Fe/H] -3.0, [C/Fe] 0.0")


def test_pages_of_another_search_are_replaced_only_when_asked(
    write_star, reader, tmp_path
):
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "rank-0009-7.png").write_text("old")
    (folder / "notes.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="has pages of another search"):
        cemp_search(write_star(1), estimator=reader, pages=folder)
    assert reader.seen == 0
    cemp_search(write_star(1), estimator=reader, pages=folder, overwrite=True)
    assert names(folder) == ["notes.txt", "rank-0001-1.png"]


def test_interrupted_drawing_goes_on(write_star, reader, tmp_path, monkeypatch):
    files = [write_star(1, p=0.9), write_star(2, p=0.8)]
    out, folder = tmp_path / "found.fits", tmp_path / "pages"

    def interrupted(row, *args, path, **options):
        if row["rank"] == 2:
            raise KeyboardInterrupt
        path.write_text("a page")

    with monkeypatch.context() as patch:
        patch.setattr(module, "plot_star", interrupted)
        with pytest.raises(KeyboardInterrupt):
            cemp_search(files, out, estimator=reader, pages=folder)
    assert names(folder) == ["rank-0001-1.png"]
    reader.seen = 0
    cemp_search(files, out, estimator=reader, pages=folder)
    assert names(folder) == ["rank-0001-1.png", "rank-0002-2.png"]
    assert reader.seen == 0


def test_wrong_folders(write_star, reader, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(NotADirectoryError, match="it is a file"):
        cemp_search(write_star(1), estimator=reader, pages=tmp_path / "file")
    with pytest.raises(OSError, match="no folder to write to"):
        cemp_search(write_star(1), estimator=reader, pages=tmp_path / "a" / "b")


def test_matplotlib_is_needed_for_pages_alone(
    write_star, reader, tmp_path, monkeypatch
):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    assert len(cemp_search(write_star(1), estimator=reader).candidates) == 1
    with pytest.raises(ImportError, match=r"galspec\[plot\]"):
        cemp_search(write_star(2), estimator=reader, pages=tmp_path / "pages")
