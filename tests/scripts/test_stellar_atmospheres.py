"""Atmospheres: read from a third party's pickle without running it."""

import os
import pickle
import re

import numpy as np
import pytest
from stellar_atmospheres import AtmosphereNetworks, read_network_pickle


class Harmful:
    """Would run a function when it is loaded."""

    def __reduce__(self):
        return os.getcwd, ()


@pytest.fixture
def networks():
    """Networks of two neurons that give 10 to the power of their bias."""
    columns, layers = 6, 80
    arrays = {
        "w_array_0": np.zeros((columns, 2, 4)),
        "b_array_0": np.zeros((columns, 2)),
        "w_array_1": np.zeros((columns, 2, 2)),
        "b_array_1": np.zeros((columns, 2)),
        "w_array_2": np.zeros((columns, layers, 2)),
        "b_array_2": np.linspace(0, 4, layers) * np.ones((columns, 1)),
        "x_min": np.tile([2500, -1, -4, -0.2], (columns, 1)),
        "x_max": np.tile([8500, 5.5, 1.5, 0.6], (columns, 1)),
    }
    return AtmosphereNetworks({f"cool_{key}": value for key, value in arrays.items()})


def test_what_is_no_array_is_refused(tmp_path):
    path = tmp_path / "network.pkl"
    path.write_bytes(pickle.dumps([{"w_array_0": Harmful()}]))
    with pytest.raises(pickle.UnpicklingError, match=r"getcwd.*only numpy arrays"):
        read_network_pickle(path)


def as_dill_writes(module, name):
    """Opcodes of a function that dill takes from a module by name."""
    return (
        b"cdill._dill\n_get_attr\n(cdill._dill\n_import_module\n"
        b"(S'" + module + b"'\ntRS'" + name + b"'\ntR"
    )


def test_arrays_of_dill_are_read(tmp_path):
    array = np.arange(6.0, dtype=np.float32).reshape(2, 3)
    plain = pickle.dumps(array, protocol=3)
    function = as_dill_writes(b"numpy.core._multiarray_umath", b"_reconstruct")
    written = re.sub(rb"cnumpy\S+\n_reconstruct\n", lambda _: function, plain)
    assert written != plain
    path = tmp_path / "network.pkl"
    path.write_bytes(written)
    np.testing.assert_array_equal(read_network_pickle(path), array)


def test_dill_cannot_reach_other_modules(tmp_path):
    path = tmp_path / "network.pkl"
    path.write_bytes(as_dill_writes(b"os", b"getcwd") + b".")
    with pytest.raises(pickle.UnpicklingError, match=r"os\.getcwd"):
        read_network_pickle(path)


def test_plain_values_are_read(tmp_path):
    path = tmp_path / "network.pkl"
    path.write_bytes(pickle.dumps([{"column": 3, "labels": ["TEFF"]}]))
    assert read_network_pickle(path) == [{"column": 3, "labels": ["TEFF"]}]


def test_layers_are_powers_of_ten(networks):
    layers = networks.layers(5000.0, 2.5, -2.0, 0.4)
    assert layers.shape == (80, 6)
    np.testing.assert_allclose(layers[[0, -1], 1], [1, 1e4])


def test_a_star_outside_is_refused(networks):
    with pytest.raises(ValueError, match=r"-4\.5.* outside"):
        networks.layers(5000.0, 2.5, -4.5, 0.4)


def test_networks_come_back_from_their_file(networks, tmp_path):
    networks.save(tmp_path / "atmospheres.npz")
    again = AtmosphereNetworks.load(tmp_path / "atmospheres.npz")
    star = (5000.0, 2.5, -2.0, 0.4)
    np.testing.assert_array_equal(again.layers(*star), networks.layers(*star))
