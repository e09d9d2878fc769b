"""Least squares about one template for each spectrum, in few dimensions.

There a template is a sum of basis spectra, with the `quadratic` terms of the offset of
the labels as coefficients, and that of the shift for the last one. What chi2 needs of a
spectrum are products of these basis spectra with it and with each other: once they are
known, nothing costs as much as the pixels did.
"""

import dataclasses

import torch

from galspec.networks._local_regression import quadratic, quadratic_slopes

#: Steps, the damping of the first one, and how it changes when a step fails or holds.
STEPS, DAMPING, UP, DOWN = 15, 0.1, 4, 0.5


@dataclasses.dataclass(frozen=True)
class LocalFit:
    """One spectrum a row, and templates about one of them.

    Parameters
    ----------
    gram : `torch.Tensor`, shape (n, k, k), float64
        Products of the basis spectra with each other, over the variance.
    along : `torch.Tensor`, shape (n, k), float64
        Products of the basis spectra with the observed one, over the variance.
    """

    gram: torch.Tensor
    along: torch.Tensor

    @classmethod
    def of(cls, basis, flux, ivar):
        """Of basis spectra (n, k, n_pix), fluxes and inverse variances (n, n_pix)."""
        weighted = basis * ivar[:, None]
        along = weighted @ flux[..., None]
        return cls((weighted @ basis.mT).double(), along[..., 0].double())

    def __getitem__(self, row):
        """That of one spectrum, for any number of offsets, on the CPU."""
        return LocalFit(self.gram[row, None].cpu(), self.along[row, None].cpu())

    def log_likelihood(self, u):
        """Of offsets (n, d + 1) with the best amplitude, up to a constant, (n,)."""
        phi = _coefficients(u)
        norm = torch.einsum("nk,nkl,nl->n", phi, self.gram, phi)
        along = (phi * self.along).sum(dim=1)
        # no amplitude is negative
        return 0.5 * along.clamp(min=0).square() / norm.clamp(min=1e-30)

    def normal_equations(self, u):
        """Those of amplitude and offsets: (n, d + 2, d + 2) and (n, d + 2)."""
        phi = _coefficients(u)
        seen = torch.einsum("nkl,nl->nk", self.gram, phi)
        along = (phi * self.along).sum(dim=1)
        amplitude = along.clamp(min=0) / (phi * seen).sum(dim=1).clamp(min=1e-30)
        slopes = torch.cat([phi[:, None], amplitude[:, None, None] * _slopes(u)], dim=1)
        normal = slopes @ self.gram @ slopes.mT
        rest = self.along - amplitude[:, None] * seen
        return normal, torch.einsum("njk,nk->nj", slopes, rest)

    def best(self, d):
        """Offsets of the highest likelihood by Levenberg-Marquardt, (n, d + 1)."""
        u = self.along.new_zeros(len(self.along), d + 1)
        damping = torch.full_like(u[:, :1], DAMPING)
        likelihood = self.log_likelihood(u)
        for _ in range(STEPS):
            normal, slope = self.normal_equations(u)
            diagonal = normal.diagonal(dim1=1, dim2=2) * damping + 1e-9
            step = torch.linalg.solve(normal + torch.diag_embed(diagonal), slope)
            trial = inside(u + step[:, 1:])
            found = self.log_likelihood(trial)
            better = (found > likelihood)[:, None]
            u = torch.where(better, trial, u)
            likelihood = torch.maximum(found, likelihood)
            damping = damping * torch.where(better, DOWN, UP)
        return u

    def covariance(self, u, prior):
        """Of the offsets, (n, d + 1, d + 1): the inverse of the curvature of chi2.

        ``prior``, (n, d + 1), is one over the variance that offsets have before
        anything is seen: what a spectrum does not tell keeps that.
        """
        normal, _ = self.normal_equations(u)
        floor = torch.cat([torch.full_like(prior[:, :1], 1e-9), prior], dim=1)
        return torch.linalg.inv(normal + torch.diag_embed(floor))[:, 1:, 1:]


def inside(u):
    """Offsets (n, d + 1) brought to where the regression holds."""
    labels, shift = u[:, :-1], u[:, -1:]
    far = labels.norm(dim=1, keepdim=True).clamp(min=1)
    return torch.cat([labels / far, shift.clamp(-1, 1)], dim=1)


def _coefficients(u):
    """Of the basis spectra, (n, k)."""
    return torch.cat([quadratic(u[:, :-1]), u[:, -1:]], dim=1)


def _slopes(u):
    """Derivatives of the coefficients, (n, d + 1, k)."""
    labels = torch.nn.functional.pad(quadratic_slopes(u[:, :-1]), (0, 1))
    shift = torch.zeros_like(labels[:, :1])
    shift[..., -1] = 1
    return torch.cat([labels, shift], dim=1)
