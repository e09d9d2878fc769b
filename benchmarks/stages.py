"""Single stages: resampling, sizes of a call, and the cost of the import."""

import pathlib
import subprocess
import sys

import numpy as np
from files import WAVELENGTH, simulate, write_files
from pipelines import GRID
from timing import in_turns

#: How many spectra specutils resamples in each round; it takes that long.
SPECUTILS_ROWS = {"linear": 16, "flux-conserving": 1}
#: Spectra of a large call, and of a small one.
MANY, FEW = 512, 16


def resampling(method, rounds, n=256):
    """Seconds a spectrum with errors: specutils' resampler and galspec's, in turns.

    Parameters
    ----------
    method : {'linear', 'flux-conserving'}
    rounds : int
    n : int
        Spectra on one grid that galspec resamples together.

    Returns
    -------
    dict of str to list of float
        And under "difference" the largest one of their fluxes, over the median flux.
    """
    import astropy.units as u
    from astropy.nddata import InverseVariance
    from specutils import Spectrum, manipulation

    from galspec import SpectrumBatch
    from galspec.transforms import Resample, linear_grid

    flux, ivar, _ = simulate(n)
    batch = SpectrumBatch.from_arrays(WAVELENGTH, flux, ivar=ivar)
    ours = Resample(linear_grid(GRID[0], GRID[-1], 1), method=method)
    theirs = {
        "linear": manipulation.LinearInterpolatedResampler,
        "flux-conserving": manipulation.FluxConservingResampler,
    }[method]()
    rows = SPECUTILS_ROWS[method]
    # without units: the linear resampler of specutils 2.4 fails on errors that have one
    none = u.dimensionless_unscaled
    spectra = [
        Spectrum(
            flux=flux[row] * none,
            spectral_axis=WAVELENGTH * u.AA,
            uncertainty=InverseVariance(ivar[row] * none),
        )
        for row in range(rows)
    ]
    expected = np.array([theirs(s, GRID * u.AA).flux.value for s in spectra])
    found = ours(batch).flux[:rows]
    jobs = {
        "specutils": (rows, lambda: [theirs(s, GRID * u.AA) for s in spectra]),
        "galspec": (n, lambda: ours(batch)),
    }
    relative = np.abs(found - expected) / np.median(expected, axis=1, keepdims=True)
    return in_turns(jobs, rounds) | {"difference": float(relative.max())}


def call_sizes(estimator, rounds):
    """Seconds a spectrum: one call with many spectra, and calls with few.

    Parameters
    ----------
    estimator : `galspec.SpectralEstimator`
    rounds : int

    Returns
    -------
    dict of str to list of float
    """
    import astropy.units as u

    flux, ivar, redshift = simulate(MANY)
    axis = {"wavelength": WAVELENGTH * u.AA}

    def predict(rows):
        columns = {"flux": flux[rows] * u.adu, "ivar": ivar[rows] * u.adu**-2}
        estimator.predict(axis | columns | {"redshift": redshift[rows]}, workers=1)

    few = [slice(start, start + FEW) for start in range(0, MANY, FEW)]
    jobs = {
        "few": (MANY, lambda: [predict(rows) for rows in few]),
        "many": (MANY, lambda: predict(slice(None))),
    }
    return in_turns(jobs, rounds)


def one_file(rounds, folder):
    """Seconds of a whole process that makes a table of one gzipped file, in turns.

    Parameters
    ----------
    rounds : int
    folder : path-like
        Where there are files of `files.write_files`, or one can be made.

    Returns
    -------
    dict of str to list of float
        And under "loaded" whether galspec has loaded torch or specutils.
    """
    from galspec import weights

    folder = pathlib.Path(folder)
    file = str(next(folder.glob("*.fits.gz"), None) or write_files(folder, 1)[0])
    own = weights.resolve("gas-metallicity", "feng2025")
    script = pathlib.Path(__file__).with_name("one_file.py")
    words = ["predict", "gas-metallicity", file, "--quiet", "--overwrite"]
    words += ["-o", str(folder / "g.ecsv")]
    command = f"from galspec.cli import main; code = main({words})"
    heavy = "print(*{'torch', 'specutils'} & {*sys.modules})"

    def python(*words):
        run = [sys.executable, *words]
        return subprocess.run(run, check=True, capture_output=True, text=True)

    loaded = python("-c", f"import sys; {command}; {heavy}")
    jobs = {
        "script": (1, lambda: python(script, own, file, folder / "s.ecsv")),
        "galspec": (1, lambda: python("-c", f"{command}; raise SystemExit(code)")),
    }
    return in_turns(jobs, rounds) | {"loaded": loaded.stdout.split()}


def imports(rounds):
    """Seconds of a whole process that imports one package, in turns.

    Parameters
    ----------
    rounds : int

    Returns
    -------
    dict of str to list of float
        And under "loaded" which of the heavy packages ``import galspec`` loaded.
    """

    def python(code):
        command = [sys.executable, "-c", code]
        return subprocess.run(command, check=True, capture_output=True, text=True)

    heavy = "{'torch', 'specutils', 'scipy', 'matplotlib'}"
    loaded = python(f"import sys, galspec; print(*{heavy} & {{*sys.modules}})")
    jobs = {
        "astropy.units": (1, lambda: python("import astropy.units")),
        "galspec": (1, lambda: python("import galspec")),
    }
    return in_turns(jobs, rounds) | {"loaded": loaded.stdout.split()}
