"""Whatever a user passes gives a clear error or flagged rows, never a silent number."""

import astropy.units as u
import numpy as np
import pytest
from astropy.table import QTable
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from galspec import ELGPhotoZ, GasMetallicity, PhotometryBatch, SpectrumBatch
from galspec.baselines.strong_lines import PP04N2
from galspec.flags import WITHOUT_VALUE

CLEAR = (TypeError, ValueError, u.UnitsError)
SHORT = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
N_PIX = 60

ODD = st.sampled_from(
    [np.nan, np.inf, -np.inf, 0.0, -0.0, 1e308, -1e308, 1e38, 1e-310, 1e-45, -1.0, 1.0]
)
DTYPES = st.sampled_from(
    ["f8", ">f8", "f4", ">f4", "f2", "i4", ">i2", "u1", "?", "c8", "O", "U5", "M8[s]"]
)
LAYOUTS = st.sampled_from(["plain", "read-only", "strided", "reversed", "fortran"])
SHAPES = st.sampled_from(
    [
        (3, N_PIX),
        (1, N_PIX),
        (N_PIX,),
        (0, N_PIX),
        (3, 0),
        (),
        (3, N_PIX + 1),
        (2, 3, 5),
    ]
)


@pytest.fixture(scope="module")
def metallicity():
    return GasMetallicity.pretrained()


@pytest.fixture(scope="module")
def photoz():
    return ELGPhotoZ.pretrained("sdss")


@st.composite
def arrays(draw, shapes=SHAPES):
    """Arrays of any type and layout with a few odd values."""
    shape, layout = draw(shapes), draw(LAYOUTS)
    size = int(np.prod(shape))
    random = np.random.default_rng(draw(st.integers(0, 9)))
    values = random.normal(10, 1, size)
    for place, odd in draw(st.lists(st.tuples(st.integers(0, 10**6), ODD), max_size=6)):
        if size:
            values[place % size] = odd
    if draw(st.booleans()) and size:
        values[:] = draw(ODD)
    with np.errstate(all="ignore"):
        try:
            values = values.reshape(shape).astype(draw(DTYPES))
        except (ValueError, TypeError, OverflowError):
            values = values.reshape(shape)
    if layout == "strided" and values.ndim:
        values = np.repeat(values, 2, axis=-1)[..., ::2]
    elif layout == "reversed" and values.ndim:
        values = values[..., ::-1]
    elif layout == "fortran":
        values = np.asfortranarray(values)
    elif layout == "read-only":
        values.flags.writeable = False
    return values


def told(error):
    """An error has to say something."""
    assert str(error)


def check(table, names=("oh",)):
    """No number that is none, and a flag wherever there is no value."""
    for name in names:
        values, errors = np.asarray(table[name]), np.asarray(table[f"{name}_err"])
        assert not np.isinf(values).any()
        lost = ~np.isfinite(values)
        assert np.all(np.asarray(table["flags"])[lost] != 0)
        assert np.all(errors[~lost] > 0)
    without = (np.asarray(table["flags"]) & int(WITHOUT_VALUE)) != 0
    assert np.all(np.isnan(np.asarray(table[names[0]])[without]))


AXES = st.one_of(
    st.just(np.linspace(4000, 9000, N_PIX)),
    st.just(np.linspace(4000, 9000, N_PIX)[::-1]),
    arrays(st.sampled_from([(N_PIX,), (3, N_PIX), (0,), ()])),
)


@pytest.mark.filterwarnings("ignore")
@SHORT
@given(flux=arrays(), axis=AXES, ivar=st.none() | arrays(), mask=st.none() | arrays())
def test_any_arrays_of_spectra(metallicity, flux, axis, ivar, mask):
    data = {"wavelength": axis, "flux": flux, "ivar": ivar, "mask": mask}
    data = {key: value for key, value in data.items() if value is not None}
    if axis.dtype.kind == "f":
        data["wavelength"] = axis * u.AA
    before = {key: np.array(value, copy=True) for key, value in data.items()}
    try:
        table = metallicity.predict(data, workers=1)
    except CLEAR as error:
        told(error)
    else:
        check(table)
    for key, value in data.items():
        assert np.array_equal(np.asarray(value).astype(str), before[key].astype(str))


@SHORT
@given(
    axis=arrays(st.just((N_PIX,))),
    flux=arrays(st.just((2, N_PIX))),
)
def test_arrays_without_units_are_checked_as_well(axis, flux):
    with np.errstate(all="ignore"):
        try:
            batch = SpectrumBatch.from_arrays(axis, flux)
        except CLEAR as error:
            told(error)
            return
    assert np.isfinite(batch.wavelength).all()
    assert np.all(np.diff(batch.wavelength) >= 0)
    assert np.isfinite(batch.flux).all()
    assert np.isfinite(batch.ivar).all()


ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.floats(),
    st.text(max_size=5),
    st.binary(max_size=5),
    st.lists(st.floats() | st.text(max_size=2), max_size=4),
    arrays(st.sampled_from([(), (3,), (2,), (3, 1), (0,)])),
    st.sampled_from([0.1 * u.one, 300 * u.km / u.s, 3 * u.m, np.ma.masked, object()]),
)
KEYWORDS = st.sampled_from(
    ["redshift", "medium", "batch_size", "interval", "scale", "workers", "nonsense"]
)


@pytest.mark.filterwarnings("ignore")
@SHORT
@given(options=st.dictionaries(KEYWORDS, ANYTHING, max_size=2))
def test_any_keywords(metallicity, options):
    flux = np.random.default_rng(0).normal(10, 1, (3, N_PIX))
    data = {"wavelength": np.linspace(4000, 9000, N_PIX) * u.AA, "flux": flux}
    # as many threads as a number says would be what was asked for
    try:
        table = metallicity.predict(data, **options)
    except CLEAR as error:
        told(error)
    else:
        assert len(table) == 3
        check(table)


@pytest.mark.filterwarnings("ignore")
@SHORT
@given(data=ANYTHING)
def test_anything_as_data(metallicity, data):
    try:
        table = metallicity.predict(data)
    except CLEAR as error:
        told(error)
    else:
        check(table)


@pytest.mark.filterwarnings("ignore")
@SHORT
@given(redshift=arrays(st.sampled_from([(3,), ()])))
def test_any_redshifts_of_a_method_that_needs_them(redshift):
    flux = 1 + np.random.default_rng(0).normal(0, 0.1, (3, 900))
    batch = SpectrumBatch.from_arrays(np.linspace(4000, 9000, 900), flux)
    try:
        table = PP04N2().predict(batch, redshift=redshift, workers=1)
    except CLEAR as error:
        told(error)
    else:
        check(table)


BANDS = ("u", "g", "r", "i", "z")


@pytest.mark.filterwarnings("ignore")
@SHORT
@given(
    columns=st.dictionaries(
        st.sampled_from([f"{k}_{b}" for k in ("flux", "flux_ivar") for b in BANDS]),
        arrays(st.sampled_from([(3,), (3,), (2,), (3, 2)])),
        max_size=10,
    ),
    ebv=st.none() | arrays(st.sampled_from([(3,), ()])),
)
def test_any_columns_of_photometry(photoz, columns, ebv):
    good = {f"flux_{b}": np.full(3, 10.0) for b in BANDS}
    good |= {f"flux_ivar_{b}": np.full(3, 4.0) for b in BANDS}
    try:
        batch = PhotometryBatch.gather(good | columns, survey="sdss", ebv=ebv)
        table = photoz.predict(batch)
    except CLEAR as error:
        told(error)
    else:
        assert len(table) == 3
        check(table, ("z_phot",))


@pytest.mark.parametrize(
    "name", ["wavelength", "flux", "FLUX", "z", "mask", "flags", ""]
)
def test_columns_of_a_users_own_with_any_name(metallicity, name):
    table = QTable({"wavelength": np.full((2, N_PIX), np.linspace(4e3, 9e3, N_PIX))})
    table["flux"] = np.random.default_rng(0).normal(10, 1, (2, N_PIX))
    table["wavelength"].unit = u.AA
    if name.lower() not in ("wavelength", "flux", "mask", ""):
        table[name] = [0.1, 0.2]
    check(metallicity.predict(table))
