"""The README's first command: the examples, the embedded weights, table and plot."""

import numpy as np
from astropy.table import QTable

from galspec import example_spectra
from galspec.flags import Flags


def test_metallicities_of_the_examples(galspec, tmp_path):
    out, plot = tmp_path / "out.fits", tmp_path / "plot.png"
    options = ["--offline", "-o", out, "--plot", plot]
    code, stdout, stderr = galspec("predict", "gas-metallicity", "--examples", *options)
    assert code == 0
    assert stdout.count("example-") == 6
    assert stderr.startswith("6 spectra, ")
    assert plot.stat().st_size > 10_000
    table, files = QTable.read(out), example_spectra()
    truth = QTable.read(files[0].parent / "truth.ecsv")
    assert list(table["file"]) == [str(path) for path in files]
    assert table.meta["estimator"] == "gas-metallicity"
    off = abs(table["oh"].value - truth["oh"])
    # the sixth forms no stars
    assert np.isnan(truth["oh"][5])
    assert table["flags"][5] & int(Flags.UNINFORMATIVE)
    trusted = table["flags"] == 0
    assert trusted.sum() >= 3
    assert (off[trusted] < 0.3).all()
