"""Gzipped LAMOST files to metallicities: naive, careful, and galspec by both engines.

The first two are what research code looks like: one spectrum after the other, and the
network as plain one-dimensional convolutions with the same weights.
"""

import functools

import numpy as np
from timing import in_turns

#: The recipe and the weights that all use.
TAG = "feng2025"
GRID = np.arange(3800.0, 8001.0)


class Loop:
    """A loop over files that ends in torch, one spectrum at a time.

    Parameters
    ----------
    read : callable
        From a file name to the flux on `GRID`.
    weights : `galspec.weights.WeightBundle`
        Of one network.
    """

    def __init__(self, read, weights):
        self.read = read
        self.model = _plain_network(weights.tensors)
        self.mean = weights.config["label_mean"][0]
        self.std = weights.config["label_std"][0]

    def inputs(self, names):
        """What the network sees, shape (n, n_pix)."""
        return np.stack([_scaled(self.read(name)) for name in names])

    def __call__(self, names):
        """Metallicities, shape (n,)."""
        import torch

        values = []
        with torch.inference_mode():
            for name in names:
                x = torch.from_numpy(_scaled(self.read(name)))
                values.append(self.model(x[None, None]).item())
        return np.array(values) * self.std + self.mean


def naive_reader():
    """A user's way: `specutils.Spectrum.read` and its linear resampler."""
    import astropy.units as u
    from specutils import Spectrum
    from specutils.manipulation import LinearInterpolatedResampler

    resample, grid = LinearInterpolatedResampler(), GRID * u.AA

    def read(name):
        spectrum = Spectrum.read(name, format="LAMOST low-resolution")
        return resample(spectrum, grid).flux.value

    return read


def careful_reader():
    """The careful user's way: `astropy.io.fits` and `numpy.interp`."""
    from astropy.io import fits

    def read(name):
        with fits.open(name) as hdus:
            header, flux = hdus[0].header, hdus["COADD"].data["FLUX"][0]
        # the column WAVELENGTH is rounded to float32, which a careful user knows
        log_step = header["COEFF1"] * np.arange(len(flux))
        return np.interp(GRID, 10 ** (header["COEFF0"] + log_step), flux)

    return read


class Galspec:
    """The package: file names in, table out.

    Parameters
    ----------
    estimator : `galspec.SpectralEstimator`
    workers : int
        Threads.
    """

    def __init__(self, estimator, workers):
        self.estimator, self.workers = estimator, workers

    def inputs(self, names):
        """What the network sees, shape (n, n_pix)."""
        from galspec import read_spectra
        from galspec.prediction import prepare

        batch = read_spectra(names)
        inputs, _ = prepare(batch, self.estimator.recipe, self.estimator.network)
        return inputs[:, 0]

    def __call__(self, names):
        """Metallicities, shape (n,)."""
        return self.estimator.predict(names, workers=self.workers)["oh"].value


class Floors:
    """What nothing can do without: reading the files, and running the network.

    Parameters
    ----------
    galspec : Galspec
    names : list of str
        Files.
    """

    def __init__(self, galspec, names):
        from galspec.io.bulk import lazy_batches

        self.estimator, self.workers = galspec.estimator, galspec.workers
        self.names, self.size = names, galspec.estimator.batch_size
        groups = lazy_batches(names, self.size)
        self.inputs = [self._prepared(batch) for group in groups for batch in group]

    def _prepared(self, batch):
        from galspec.prediction import prepare

        return prepare(batch, self.estimator.recipe, self.estimator.network)[0]

    def _spread(self, function, items):
        from galspec.inference import ordered_map

        for _ in ordered_map(function, items, self.workers):
            pass

    def reading(self):
        """Read all files, in groups as `predict` does."""
        from galspec.io.bulk import lazy_batches

        self._spread(list, lazy_batches(self.names, self.size))

    def network(self):
        """Run the network on what it would see of each group."""
        self._spread(self.estimator._learned.ensemble.run, self.inputs)


def build(workers, path=None):
    """All pipelines by name; the slowest first.

    Parameters
    ----------
    workers : int
        Threads of galspec.
    path : path-like, optional
        A weight file to use instead of the published ones.

    Returns
    -------
    dict of str to callable
    """
    from galspec import GasMetallicity, weights

    def ours(engine):
        where = {"path": path, "device": "cpu", "engine": engine}
        return Galspec(GasMetallicity.pretrained(TAG, **where), workers)

    bundle = weights.load(GasMetallicity.name, TAG, path=path)
    return {
        "naive": Loop(naive_reader(), bundle),
        "careful": Loop(careful_reader(), bundle),
        "torch": ours("torch"),
        "onnxruntime": ours("onnxruntime"),
    }


def compare(pipelines, names, rounds, part):
    """Time the pipelines in turns; the loops over a part of the files only.

    Parameters
    ----------
    pipelines : dict
        What `build` gave.
    names : list of str
        Files.
    rounds : int
        Turns.
    part : int
        Files that a loop takes in each turn.

    Returns
    -------
    dict of str to list of float
        Seconds a spectrum, one number a round; with the ``reading`` and the ``network``
        that the last pipeline has at least to do.
    """
    files = {
        name: names if isinstance(pipeline, Galspec) else names[:part]
        for name, pipeline in pipelines.items()
    }
    jobs = {
        name: (len(files[name]), functools.partial(pipeline, files[name]))
        for name, pipeline in pipelines.items()
    }
    floors = Floors(pipelines["onnxruntime"], names)
    jobs["reading"] = (len(names), floors.reading)
    jobs["network"] = (len(names), floors.network)
    return in_turns(jobs, rounds)


def differences(pipelines, names):
    """Largest differences of network inputs and of results from the naive loop's.

    Parameters
    ----------
    pipelines : dict
        What `build` gave.
    names : list of str
        Files.

    Returns
    -------
    dict of str to dict of str to float
        By what is compared ("inputs", "outputs") and by pipeline.
    """
    inputs = {name: p.inputs(names) for name, p in pipelines.items()}
    outputs = {name: p(names) for name, p in pipelines.items()}
    return {
        what: {
            name: float(np.max(np.abs(values[name] - values["naive"])))
            for name in pipelines
            if name != "naive"
        }
        for what, values in {"inputs": inputs, "outputs": outputs}.items()
    }


def _scaled(flux):
    low, high = flux.min(), flux.max()
    return ((flux - low) / (high - low)).astype(np.float32)


def _plain_network(tensors):
    """The published network by the book, with the weights of the package's own."""
    import torch
    from torch import nn

    layers, width = [], 1
    for channels in (16, 32, 64, 128):
        layers += [nn.Conv1d(width, channels, 3, padding=1), nn.ReLU()]
        layers += [nn.Conv1d(channels, channels, 3, padding=1), nn.ReLU()]
        layers += [nn.MaxPool1d(3)]
        width = channels
    model = nn.Sequential(*layers, nn.Flatten(), nn.Linear(width * 51, 1))
    arrays = [
        torch.from_numpy(a.squeeze(2) if a.ndim == 4 else a) for a in _in_order(tensors)
    ]
    model.load_state_dict(dict(zip(model.state_dict(), arrays, strict=True)))
    return model.eval()


def _in_order(tensors):
    """Arrays of the first network of an ensemble, from its input to its output."""
    own = {
        name.removeprefix("0."): a for name, a in tensors.items() if name[:2] == "0."
    }
    body = sorted(
        (name for name in own if name.startswith("body.")),
        key=lambda name: (int(name.split(".")[1]), name.endswith("bias")),
    )
    return [own[name] for name in (*body, "head.weight", "head.bias")]
