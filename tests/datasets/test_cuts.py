"""Cuts have names, and tell whom they drop."""

import numpy as np
import pytest
from astropy.table import QTable, Table

from galspec.datasets import Cuts
from galspec.evaluation import EvaluationError

TABLE = Table(
    {
        "z": [0.05, 0.001, 0.35, np.nan, 0.05, 0.05, 0.05, 0.05],
        "snr_r": [9, 9, 9, 9, 2, np.nan, 9, 9],
        "sn_median": [9, 9, 9, 9, 9, 5, 9, 9],
        "bptclass": [1, 1, 1, 1, 1, 1, 3, 1],
        "oh_p50": [8.9, 8.9, 8.9, 8.9, 8.9, 8.9, 8.9, -9999],
        "reliable": [0, 1, 1, 1, 1, 1, 1, 1],
    }
)


def test_the_cuts_of_the_paper():
    cuts = Cuts()
    assert (cuts.z_min, cuts.z_max, cuts.snr_min) == (0.002, 0.3, 3)
    assert cuts.counts(TABLE) == {
        "redshift_unknown": 1,
        "redshift_low": 1,
        "redshift_high": 1,
        "snr_unknown": 0,
        "snr_low": 1,
        "class": 1,
        "oh_unknown": 1,
    }
    kept = cuts.select(TABLE)
    assert np.flatnonzero(np.isin(TABLE["snr_r"], kept["snr_r"])).size
    assert len(kept) == 2  # the first, and the one whose S/N is of the whole spectrum
    assert kept.meta["dropped_snr_low"] == 1
    assert kept.meta["cut_classes"] == "1"


def test_cuts_can_be_changed():
    assert len(Cuts(reliable_only=True).select(TABLE)) == 1
    everyone = Cuts(z_min=-1, z_max=9, snr_min=0, classes=None, oh_needed=False)
    assert len(everyone.select(TABLE)) == 7  # a redshift has to be known
    assert everyone.to_meta()["cut_classes"] == "all"
    assert len(Cuts(classes=(1, 3)).select(TABLE)) == 3


def test_columns_may_be_quantities():
    table = QTable(TABLE)
    table["oh_p50"].unit = "dex"
    assert len(Cuts().select(table)) == 2


def test_wrong_calls():
    with pytest.raises(ValueError, match="z_min has to be the smaller"):
        Cuts(z_min=1)
    with pytest.raises(TypeError, match="codes of bptclass"):
        Cuts(classes="1")
    with pytest.raises(EvaluationError, match="no column 'bptclass'"):
        Cuts().counts(TABLE["z", "snr_r"])
    with pytest.raises(EvaluationError, match="no column 'snr_r'"):
        Cuts().counts(TABLE["z", "bptclass", "oh_p50"])
