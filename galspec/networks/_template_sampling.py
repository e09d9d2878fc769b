"""Errors of `galspec.networks.TemplateMatchingConfig` by Markov chains."""

import numpy as np
import torch
from torch import nn

from galspec.networks._local_fit import inside

#: Of each spectrum; the first steps are thrown away.
WALKERS, STEPS, FORGOTTEN = 64, 250, 50
#: Every spectrum has the same random numbers, wherever it stands in a batch.
SEED = 0


class Sampled(nn.Module):
    """Template matching whose errors are those of samples of the likelihood.

    By the affine-invariant ensemble of Goodman & Weare as in emcee (Foreman-Mackey et
    al. 2013, PASP 125, 306), uniform in labels and velocity about the template of the
    fit, with the best amplitude everywhere. Values stay those of the fit.

    Parameters
    ----------
    matching : `torch.nn.Module`
        Of `galspec.networks.TemplateMatchingConfig`, with its templates.

    Raises
    ------
    ImportError
        If emcee is not installed.
    """

    def __init__(self, matching):
        super().__init__()
        _emcee()
        self.matching = matching

    def forward(self, x):
        """From (n, 2, n_pix) to (n, outputs)."""
        fitted = self.matching.fitted(x)
        covariance = self.matching.covariance(fitted).cpu()
        offset = fitted.offset.cpu()
        chains = torch.stack(
            [
                _samples(fitted.local[row], offset[row], covariance[row])
                for row in range(len(x))
            ]
        )
        offsets = chains[..., :-1].to(x.device)
        drawn = self.matching.labels_at(fitted.template, offsets)
        labels = self.matching.labels_of(fitted)
        return self.matching.packed(labels, drawn.std(dim=1).log())


def _samples(local, offset, covariance):
    """Offsets of labels and shift, (samples, d + 1), about the best ones."""
    emcee = _emcee()
    random = np.random.RandomState(SEED)
    # well within the hill, but not all in one place
    scatter = random.normal(0, 0.3, (WALKERS, len(offset)))
    start = offset + torch.from_numpy(scatter) @ torch.linalg.cholesky(covariance).T
    # on the edge itself rounding decides
    start = 0.999 * inside(start)

    def log_probability(u):
        u = torch.from_numpy(u)
        allowed = (u[:, :-1].norm(dim=1) <= 1) & (u[:, -1].abs() <= 1)
        return torch.where(allowed, local.log_likelihood(u), -torch.inf).numpy()

    sampler = emcee.EnsembleSampler(*start.shape, log_probability, vectorize=True)
    first = emcee.State(start.numpy(), random_state=random.get_state())
    sampler.run_mcmc(first, STEPS)
    return torch.from_numpy(sampler.get_chain(discard=FORGOTTEN, flat=True))


def _emcee():
    try:
        import emcee
    except ImportError as error:
        raise ImportError(
            "errors by Markov chains need emcee: pip install 'astro-galspec[mcmc]'"
        ) from error
    return emcee
