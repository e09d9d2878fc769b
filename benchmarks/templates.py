"""Template matching: every template one by one, and by matrix products."""

import numpy as np
from timing import in_turns

#: Templates, their pixels, and velocities to either side.
TEMPLATES, PIXELS, SHIFTS = 2000, 3680, 2
#: Spectra of the loop, which takes long, and of galspec.
FEW, MANY = 1, 64
#: Lines of a template, and sigma of the noise.
LINES, NOISE = 60, 0.02


def matching(rounds):
    """Seconds a spectrum: the best of all templates and velocities, in turns.

    Parameters
    ----------
    rounds : int

    Returns
    -------
    dict of str to list of float
        And under "difference" how many of the loop's spectra get another template.
    """
    import torch

    from galspec.networks import TemplateMatchingConfig

    templates, flux, ivar = simulate()
    module = TemplateMatchingConfig(shifts=SHIFTS).build(PIXELS)
    arrays = {
        "templates": templates,
        "labels": np.random.default_rng(1).normal(size=(TEMPLATES, 4)),
        "known": np.ones(PIXELS),
    }
    tensors = {name: torch.from_numpy(a).float() for name, a in arrays.items()}
    module.load_state_dict(tensors)
    x, w = torch.from_numpy(flux), torch.from_numpy(ivar)

    def loop():
        return [_best(*row, templates) for row in zip(flux[:FEW], ivar, strict=False)]

    def galspec():
        chunks = zip(x.split(16), w.split(16), strict=True)
        return torch.cat([module.search(*chunk)[0] for chunk in chunks]).numpy()

    with torch.inference_mode():
        other = galspec()[:FEW] != loop()
        jobs = {"loop": (FEW, loop), "galspec": (MANY, galspec)}
        measured = in_turns(jobs, rounds)
    return measured | {"difference": int(other.sum())}


def simulate():
    """Templates of many lines, and some of them with noise, at other velocities.

    Returns
    -------
    templates : `numpy.ndarray`, shape (`TEMPLATES`, `PIXELS`), float32
    flux, ivar : `numpy.ndarray`, shape (`MANY`, `PIXELS`), float32
    """
    random = np.random.default_rng(0)
    centres = random.uniform(20, PIXELS - 20, (LINES, 1))
    profiles = np.exp(-0.5 * ((np.arange(PIXELS) - centres) / 1.5) ** 2)
    templates = 1 - random.uniform(0.05, 0.6, (TEMPLATES, LINES)) @ profiles
    chosen = random.integers(0, TEMPLATES, MANY)
    shifts = random.integers(-SHIFTS, SHIFTS + 1, MANY)
    flux = np.array(
        [np.roll(templates[c], s) for c, s in zip(chosen, shifts, strict=True)]
    )
    flux += random.normal(0, NOISE, flux.shape)
    ivar = np.full(flux.shape, NOISE**-2)
    return tuple(array.astype(np.float32) for array in (templates, flux, ivar))


def _best(flux, ivar, templates):
    """The template of the lowest chi2 at any velocity, as one would write it."""
    lowest, best = np.inf, None
    for shift in range(-SHIFTS, SHIFTS + 1):
        moved, weight = np.roll(flux, -shift), np.roll(ivar, -shift)
        for index, template in enumerate(templates):
            norm = np.sum(weight * template**2)
            amplitude = np.sum(weight * moved * template) / norm
            chi2 = np.sum(weight * (moved - amplitude * template) ** 2)
            if chi2 < lowest:
                lowest, best = chi2, index
    return best
