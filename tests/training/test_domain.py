import numpy as np
import pytest

from galspec.training.domain import (
    domain_distance,
    extend_domain,
    fit_domain,
    in_units_of_noise,
    place,
    units_by_noise,
)


def cloud(seed, n=3000):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, 5)) @ rng.normal(size=(5, 5)) + 3


def test_one_holds_99_per_cent_and_strangers_lie_outside():
    rng = np.random.default_rng(0)
    mix = rng.normal(size=(5, 5))
    known, others, more = (rng.normal(size=(4000, 5)) @ mix for _ in range(3))
    domain = fit_domain(known, others)
    assert np.mean(domain_distance(more, domain) < 1) == pytest.approx(0.99, abs=0.006)
    assert np.all(domain_distance(more + 20 * np.abs(mix).max(), domain) > 1)


def test_constant_features_do_no_harm():
    features = np.hstack([cloud(1), np.ones((3000, 1))])
    domain = fit_domain(features, features)
    assert np.isfinite(domain_distance(features, domain)).all()


def test_places_tell_strangers_and_have_the_lengths_of_distances():
    features, more = cloud(0), cloud(0)[::-1] + 0.0
    domain = fit_domain(features, more)
    places = place(features, domain)
    mean_square = np.mean(np.sum(places**2, axis=1))
    assert mean_square == pytest.approx(
        np.mean(domain_distance(more, domain) ** 2), 0.02
    )


def test_places_lie_between_features_and_whitened_ones():
    rng = np.random.default_rng(0)
    features = rng.normal(size=(5000, 3)) * [9.0, 1.0, 0.25]
    places = place(features, fit_domain(features, features))
    scatter = np.sqrt(np.linalg.eigvalsh(np.cov(places, rowvar=False)))
    np.testing.assert_allclose(scatter / scatter[0], [1, 2, 6], rtol=0.05)


def test_a_domain_is_stretched_to_others_and_shrinks_nowhere():
    rng = np.random.default_rng(8)
    known = rng.normal(size=(4000, 6))
    domain = fit_domain(known[:2000], known[2000:])
    others = rng.normal(size=(80, 6)) + 9 * np.eye(6)[0]
    assert np.mean(domain_distance(others, domain) > 1) > 0.99
    snr = np.full(500, 10.0)
    wider = extend_domain(domain, others[:40], snr[:40])
    assert np.mean(domain_distance(others[40:], wider) <= 1) > 0.9
    before, after = (domain_distance(known, each) for each in (domain, wider))
    assert np.all(after <= before * (1 + 1e-5))
    # what is strange in another direction stays so
    assert np.all(domain_distance(known + np.eye(6)[1] * 12, wider) > 1)
    # and what holds its guests already stays as it is
    np.testing.assert_allclose(
        domain_distance(known, extend_domain(domain, known[:500] / 2, snr)),
        before,
        rtol=1e-4,
    )


def test_one_holds_99_per_cent_at_any_noise():
    rng = np.random.default_rng(3)
    snr = rng.uniform(5, 100, 20_000)
    distance = (1 + 10 / snr) * rng.normal(1, 0.1, 20_000)
    units = units_by_noise(distance, snr)
    found = in_units_of_noise(distance, snr, units)
    for low, high in ((5, 20), (40, 60), (90, 100)):
        inside = (snr > low) & (snr < high)
        assert np.mean(found[inside] < 1) == pytest.approx(0.99, abs=0.01)
    # strange for a good spectrum, usual for a poor one
    poor, good = in_units_of_noise(np.array([1.6, 1.6]), np.array([6, 95]), units)
    assert poor < 1 < good
    assert in_units_of_noise(np.ones(1), np.array([np.nan]), units) < 1
    assert len(units_by_noise(distance[:300], snr[:300])["noise_units"]) == 1


def test_a_stretched_domain_keeps_its_units_and_shrinks_at_no_noise():
    rng = np.random.default_rng(9)
    snr = rng.uniform(5, 100, 6000)
    known = (1 + 10 / snr[:, None]) * rng.normal(size=(6000, 4))
    domain = fit_domain(known, known)
    domain |= units_by_noise(domain_distance(known, domain), snr)
    others = rng.normal(size=(80, 4)) + 9 * np.eye(4)[0]
    good = np.full(40, 95.0)  # where the unit is below 1
    wider = extend_domain(domain, others[:40], good)

    def distance(features, snr, domain):
        return in_units_of_noise(domain_distance(features, domain), snr, domain)

    assert np.mean(distance(others[40:], good, domain) > 1) > 0.99
    assert np.mean(distance(others[40:], good, wider) <= 1) > 0.9
    before, after = (distance(known, snr, each) for each in (domain, wider))
    assert np.all(after <= before * (1 + 1e-5))


def test_without_units_distances_stay():
    features = cloud(4)
    domain = fit_domain(features, features)
    distance = domain_distance(features, domain)
    np.testing.assert_array_equal(
        in_units_of_noise(distance, np.ones(len(distance)), domain), distance
    )
