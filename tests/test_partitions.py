"""An estimator as a function of a data frame, which other processes run."""

import concurrent.futures
import dataclasses
import multiprocessing
import pickle
import types

import astropy.units as u
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import galspec
from galspec import (
    CEMPParams,
    ELGPhotoZ,
    Flags,
    GasMetallicity,
    NotFittedError,
    PhotometryBatch,
    SEDPredictor,
    SpectralEstimator,
    SpectrumBatch,
    StarFormingClassifier,
    Target,
    example_spectra,
    get_estimator,
    read_photometry,
    read_spectra,
)
from galspec.partitions import memory_trimming
from galspec.partitions.reference import EstimatorReference, WorkerMismatchError

pd = pytest.importorskip("pandas")
pa = pytest.importorskip("pyarrow")

NAMES = [str(path) for path in example_spectra()]
LISTS = pd.ArrowDtype(pa.list_(pa.float64()))
PIXELS = ["wave", "flux", "ivar"]


@pytest.fixture(scope="module")
def estimator():
    return GasMetallicity.pretrained("feng2025", offline=True, device="cpu")


@pytest.fixture(scope="module")
def predict(estimator):
    return estimator.as_partition_function()


@pytest.fixture(scope="module")
def batch():
    return read_spectra(NAMES)


@pytest.fixture(scope="module")
def expected(estimator, batch):
    return estimator.predict(batch)


@pytest.fixture
def frame(batch):
    """A spectrum in each row, as Parquet files give them."""
    ivar = np.where(batch.mask, 0, batch.ivar)
    lists = {
        "wave": [batch.wavelength.tolist()] * len(batch),
        "flux": batch.flux.tolist(),
        "ivar": ivar.tolist(),
    }
    frame = pd.DataFrame(lists).astype(dict.fromkeys(lists, LISTS))
    frame.insert(0, "ra", np.arange(len(batch)) / 2)
    frame.insert(1, "name", [f"galaxy {n}" for n in range(len(batch))])
    frame.index = pd.Index(np.arange(len(batch)) + 100, name="_healpix_29")
    return frame


def same(frame, table, names=("oh", "oh_err", "snr", "domain", "flags")):
    for name in names:
        value = getattr(table[name], "value", table[name])
        np.testing.assert_allclose(frame[name], value, rtol=1e-5, err_msg=name)


def copied(thing):
    return pickle.loads(pickle.dumps(thing))  # noqa: S301, our own


def objects(frame):
    """The same with numpy arrays in columns of dtype object."""
    return frame.assign(**{k: [np.array(row) for row in frame[k]] for k in PIXELS})


def nested(frame):
    packer = pytest.importorskip("nested_pandas.series.packer")
    from nested_pandas import NestedFrame

    whole = NestedFrame(frame.drop(columns=PIXELS))
    whole["spectrum"] = packer.pack_lists(frame[PIXELS])
    return whole


def structures(frame):
    """A column of structures with lists in them, as Parquet has it."""
    rows = [dict(zip(PIXELS, row, strict=True)) for row in frame[PIXELS].to_numpy()]
    kind = pa.struct([(name, pa.list_(pa.float64())) for name in PIXELS])
    column = pd.Series(pd.arrays.ArrowExtensionArray(pa.array(rows, kind)), frame.index)
    return frame.drop(columns=PIXELS).assign(spectrum=column)


@pytest.mark.parametrize("form", [lambda f: f, objects, nested, structures])
def test_spectra_in_rows_give_what_the_estimator_gives(predict, frame, expected, form):
    partition = form(frame)
    result = predict(partition)
    same(result, expected)
    assert result.index.equals(frame.index)
    assert list(result)[:2] == ["ra", "name"]
    assert not set(PIXELS) & set(result)


def test_files_give_what_the_estimator_gives_and_what_they_state(predict, expected):
    partition = pd.DataFrame({"file": [*NAMES, "gone.fits"]}, index=list("abcdefg"))
    result = predict(partition)
    same(result[:-1], expected)
    assert result.index.tolist() == list("abcdefg")
    assert result["obsid"][:-1].tolist() == expected["obsid"].tolist()
    np.testing.assert_array_equal(result["redshift"][:-1], expected["redshift"])
    assert result.loc["g", "flags"] == Flags.UNREADABLE
    assert "No such file" in result.loc["g", "problem"]
    assert np.isnan(result.loc["g", "oh"])


def test_meta_knows_of_files_where_they_are_told(estimator):
    predict = estimator.as_partition_function(file="path")
    result = predict(pd.DataFrame({"path": NAMES[:1]}))
    assert predict.meta.dtypes.to_dict() == result.dtypes[1:].to_dict()


def test_a_file_named_twice_or_not_at_all_has_its_rows(predict, expected):
    partition = pd.DataFrame({"file": [NAMES[1], None, NAMES[0], NAMES[1]]})
    result = predict(partition)
    np.testing.assert_allclose(
        result["oh"], expected["oh"].value[[1, 0, 0, 1]] * [1, np.nan, 1, 1]
    )
    assert result["flags"][1] == Flags.UNREADABLE


def test_columns_of_a_partition_take_precedence_over_files(predict):
    partition = pd.DataFrame({"file": NAMES[:2], "ra": [1.0, 2.0], "z": [0.5, np.nan]})
    result = predict(partition)
    assert result["ra"].tolist() == [1, 2]
    assert result["redshift"].tolist() == [0.5, read_spectra(NAMES[1]).redshift[0]]


@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_partitions_can_be_cut_anywhere(predict, batch, data):
    """What a row gives does not depend on the rows that came with it."""
    flux = [np.where(m, np.nan, f) for m, f in zip(batch.mask, batch.flux, strict=True)]
    rows = data.draw(st.lists(st.sampled_from([*flux, None, flux[0][:9]]), max_size=8))
    frame = pd.DataFrame({"n": range(len(rows)), "flux": pd.Series(rows, dtype=object)})
    frame["wave"] = pd.Series([batch.wavelength] * len(rows), dtype=object)
    cut = data.draw(st.integers(0, len(rows)))
    parts = pd.concat([predict(frame[:cut]), predict(frame[cut:])])
    whole = predict(frame)
    pd.testing.assert_frame_equal(parts, whole, rtol=1e-4)


@pytest.mark.parametrize("form", [lambda f: f, objects, nested, structures])
def test_an_empty_partition_has_the_columns_of_any_other(predict, frame, form):
    partition = form(frame)
    full, empty = predict(partition), predict(partition.iloc[:0])
    assert len(empty) == 0
    told = [predict.meta_for(each) for each in (partition, partition.iloc[:0])]
    for other in (empty, *told):
        assert other.dtypes.to_dict() == full.dtypes.to_dict()
        assert other.index.name == full.index.name
        assert other.index.dtype == full.index.dtype


@pytest.mark.parametrize(
    "cls", [GasMetallicity, StarFormingClassifier, CEMPParams, SEDPredictor]
)
def test_meta_is_what_is_added(cls, frame):
    loaded = cls.pretrained(offline=True, device="cpu")
    predict = loaded.as_partition_function(interval=0.9 if loaded.intervals else None)
    result = predict(frame[:2])
    assert predict.meta.dtypes.to_dict() == result.dtypes[2:].to_dict()
    table = loaded.predict_batches([], interval=predict.options["interval"])
    assert list(predict.meta) == table.colnames
    assert {k: u.Unit(v) for k, v in predict.units.items()} == {
        name: table[name].unit for name in table.colnames if str(table[name].unit or "")
    }


def test_arrays_in_a_row_of_a_result_are_lists(frame):
    loaded = SEDPredictor.pretrained(offline=True, device="cpu")
    partition = frame.assign(z=0.0)
    result = loaded.as_partition_function(law="F19", ebv=0.1)(partition)
    spectra = SpectrumBatch.gather(read_spectra(NAMES), redshift=0)
    expected = loaded.predict_batches([spectra], law="F19", ebv=0.1)
    assert result["sed"].dtype == LISTS
    found = np.array(list(result["sed"]), float)
    assert found.shape == (len(frame), 574)
    assert np.isfinite(found).any()
    np.testing.assert_allclose(found, expected["sed"], rtol=1e-4)


def test_bad_rows_are_flagged_and_cost_no_other(predict, frame, expected):
    rows = {name: frame[name].tolist() for name in PIXELS}
    rows["flux"][1] = None
    rows["flux"][2] = rows["flux"][2][:-5]
    for name in PIXELS:  # a shorter spectrum that is whole
        rows[name][3] = rows[name][3][:-5]
    rows["flux"][4] = [np.nan] * len(rows["flux"][4])
    for partition in (
        pd.DataFrame(rows),
        pd.DataFrame(rows).astype(dict.fromkeys(PIXELS, LISTS)),
    ):
        result = predict(partition)
        same(result.iloc[[0, 5]], expected[[0, 5]])
        assert result["oh"].notna().tolist() == [True, False, False, True, False, True]
        assert result["flags"][1] & int(Flags.NO_DATA)
        assert result["flags"][2] == Flags.UNREADABLE
        assert result["flags"][4] & int(Flags.NO_DATA)


def test_partitions_without_any_spectrum_are_flagged(predict):
    for flux in ([None, None], [[], []], ["dark", 7]):
        result = predict(pd.DataFrame({"flux": flux, "wave": flux}))
        assert np.isnan(result["oh"]).all()
        assert (result["flags"] & int(Flags.NO_DATA)).all()


def test_columns_can_be_called_anything_and_have_units(estimator, frame, expected):
    partition = pd.DataFrame(
        {
            "f": [np.array(row) * 1e-17 for row in frame["flux"]],
            "loglam": [np.log10(row) for row in frame["wave"]],
            "sigma": [
                1e-17 * np.divide(1, np.sqrt(row), where=np.array(row) > 0,
                                  out=np.full(len(row), np.nan))
                for row in map(np.array, frame["ivar"])
            ],
        }
    )  # fmt: skip
    units = {"flux": "erg / (s cm2 AA)"}
    predict = estimator.as_partition_function(flux="f", units=units)
    same(predict(partition), expected)
    other = partition.rename(columns={"loglam": "lg"}).assign(wavelength=frame["ra"])
    predict = estimator.as_partition_function(flux="f", loglam="lg", units=units)
    same(predict(other), expected)
    nanometres = [np.array(row) / 10 for row in frame["wave"]]
    predict = estimator.as_partition_function(
        wavelength="lam", flux="f", uncertainty="sigma", units={"wavelength": "nm"}
    )
    same(predict(partition.assign(lam=nanometres)), expected)


def test_wavelengths_in_air_are_converted(estimator, frame, expected):
    from specutils.utils.wcs_utils import vac_to_air

    air = [vac_to_air(row * u.AA).value for row in map(np.array, frame["wave"])]
    predict = estimator.as_partition_function(medium="air")
    partition = objects(frame).assign(wave=air)
    np.testing.assert_allclose(
        predict(partition)["oh"], expected["oh"].value, atol=0.01
    )
    plain = estimator.as_partition_function()(partition)
    assert np.any(plain["oh"] != predict(partition)["oh"])


def test_one_axis_serves_all_rows(estimator, frame, expected, batch):
    axis = batch.wavelength / 10 * u.nm
    predict = estimator.as_partition_function(wavelength=axis)
    partition = frame.drop(columns="wave")
    same(predict(partition), expected)
    short = pd.DataFrame({"flux": [batch.flux[0], batch.flux[1][:-1], None]})
    flags = predict(short)["flags"]
    assert flags[1] == Flags.UNREADABLE
    assert flags[2] & int(Flags.NO_DATA)


def test_redshifts_come_from_a_column_or_are_one_for_all(frame):
    loaded = GasMetallicity.pretrained(offline=True, device="cpu")
    partition = frame.assign(z=0.05)
    known = loaded.as_partition_function()(partition)
    told = loaded.as_partition_function(redshift=0.05)(frame)
    np.testing.assert_array_equal(known["oh"], told["oh"])
    assert np.any(known["oh"] != loaded.as_partition_function()(frame)["oh"])


def test_what_is_kept_can_be_chosen_and_nothing_vanishes(estimator, frame):
    frame = frame.assign(flags=7, note=pd.Series([{}] * len(frame), frame.index))
    result = estimator.as_partition_function()(frame)
    assert list(result)[:3] == ["ra", "name", "input_flags"]
    assert (result["input_flags"] == 7).all()
    assert "note" not in result
    result = estimator.as_partition_function(keep=("note", "wave"))(frame)
    assert list(result)[:2] == ["note", "wave"]
    assert "ra" not in result
    assert next(iter(estimator.as_partition_function(keep="ra")(frame))) == "ra"


def test_needed_columns_are_told(estimator, frame):
    predict = estimator.as_partition_function(keep="ra")
    more = nested(frame).assign(other=1.0)
    assert set(predict.needed(more)) == {"ra", *(f"spectrum.{name}" for name in PIXELS)}


PHOTOMETRY = {
    **{f"flux_{band}": [4.0, 9.0, 5.0] for band in "grz"},
    **{f"flux_ivar_{band}": [9.0, 9.0, 0.0] for band in "grz"},
    "ebv": [0.1, 0.2, 0.3],
    "objid": [1, 2, 3],
    "type": ["PSF", "EXP", "DEV"],
}


@pytest.fixture(scope="module")
def photoz():
    return ELGPhotoZ.pretrained(offline=True, device="cpu")


def test_photometry_gives_what_the_estimator_gives(photoz):
    frame = pd.DataFrame(PHOTOMETRY, index=[7, 8, 9])
    predict = photoz.as_partition_function(survey="ls-dr9", interval=0.9)
    expected = photoz.predict(
        {k: np.array(v) for k, v in PHOTOMETRY.items()}, survey="ls-dr9", interval=0.9
    )
    for partition in (frame, frame.astype({"flux_g": pd.ArrowDtype(pa.float32())})):
        result = predict(partition)
        names = ("z_phot", "z_phot_err", "z_phot_lo", "domain", "flags")
        same(result, expected, names)
        densities = np.array(list(result["z_phot_pdf"]), float)
        np.testing.assert_allclose(densities, expected["z_phot_pdf"], rtol=1e-5)
        assert result["flags"][9] & int(Flags.NO_DATA)
        assert result["type"].tolist() == PHOTOMETRY["type"]
        empty = predict(partition[:0])
        assert empty.dtypes.to_dict() == result.dtypes.to_dict()
        assert predict.meta_for(partition).dtypes.to_dict() == result.dtypes.to_dict()


def test_batches_are_partitions_too(predict, estimator, photoz, batch, expected):
    result = predict(batch)
    same(result, expected)
    assert result["obsid"].tolist() == batch.ids["obsid"].tolist()
    assert len(predict(batch[:0])) == 0
    photometry = read_photometry(galspec.example_photometry(), survey="ls-dr10")
    assert isinstance(photometry, PhotometryBatch)
    result = photoz.as_partition_function()(photometry)
    same(result, photoz.predict(photometry), ("z_phot", "flags"))


@pytest.mark.parametrize(
    "columns",
    [{}, {"flux": [[1.0]]}, {"wave": [[1.0]]}, {"x": [1]}],
    ids=lambda columns: "-".join(columns) or "none",
)
def test_missing_columns_are_a_wrong_call(predict, columns):
    for act in (predict, predict.meta_for):
        with pytest.raises(ValueError, match="no columns for spectra"):
            act(pd.DataFrame(columns))


def test_wrong_calls_say_what_is_wrong(estimator, predict, frame, expected):
    with pytest.raises(ValueError, match="no column 'fluks'; the partition has ra"):
        estimator.as_partition_function(flux="fluks")(frame)
    with pytest.raises(ValueError, match="keep names nix; the partition has ra"):
        estimator.as_partition_function(keep=["nix"])(frame)
    with pytest.raises(TypeError, match="'colour'"):
        estimator.as_partition_function(colour="blue")
    with pytest.raises(ValueError, match="interval is 2"):
        estimator.as_partition_function(interval=2)
    with pytest.raises(ValueError, match="threads is 0"):
        estimator.as_partition_function(threads=0)
    with pytest.raises(ValueError, match="units are given for ivar"):
        estimator.as_partition_function(units={"ivar": "m"})
    with pytest.raises(ValueError, match="medium is 'water'"):
        estimator.as_partition_function(medium="water")
    with pytest.raises(ValueError, match="one of them is enough"):
        estimator.as_partition_function(wavelength="wave", loglam="loglam")
    with pytest.raises(ValueError, match="files tell it themselves"):
        estimator.as_partition_function(medium="air")(pd.DataFrame({"file": NAMES}))
    with pytest.raises(ValueError, match=r"redshift is 'spectrum\.flux'"):
        estimator.as_partition_function(redshift="spectrum.flux")(structures(frame))
    with pytest.raises(TypeError, match="not a QTable"):
        predict(expected)
    with pytest.raises(u.UnitConversionError):
        estimator.as_partition_function(units={"wavelength": "kg"})(frame)


def test_estimators_that_no_other_process_can_load_are_refused(batch, tmp_path):
    with pytest.raises(NotFittedError):
        GasMetallicity().as_partition_function()
    fitted = GasMetallicity.pretrained("feng2025", offline=True, device="cpu")
    fitted._provenance = {"weights": "unsaved", "sha256": ""}  # as fit() leaves it
    with pytest.raises(ValueError, match=r"save\(path\) them"):
        fitted.as_partition_function()
    path = tmp_path / "own.safetensors"
    fitted.save(path)
    saved = GasMetallicity.pretrained(path=path, device="cpu")
    assert len(saved.as_partition_function()(batch)) == len(batch)

    class Local(SpectralEstimator):
        name = "local"
        targets = (Target("x", u.m, "x", valid=(0, 1)),)

        def _predict_batch(self, batch, interval):
            return {"x": batch.redshift, "x_err": batch.redshift, "flags": batch.flags}

    with pytest.raises(ValueError, match=r"cannot import .*Local"):
        Local().as_partition_function()


def test_formulas_keep_their_arguments(frame):
    cls = get_estimator("strong-line-pp04-n2")
    predict = cls(snr=1.5, draws=50).as_partition_function(redshift=0.05)
    again = copied(predict)
    assert again.reference.arguments == {"snr": 1.5, "draws": 50, "seed": 0}
    expected = cls(snr=1.5, draws=50).predict(
        SpectrumBatch.gather(read_spectra(NAMES).replace(ids={}), redshift=0.05)
    )
    np.testing.assert_allclose(again(frame)["oh"], expected["oh"].value, rtol=1e-5)


def test_a_pickle_is_configuration(predict, photoz):
    assert len(pickle.dumps(predict)) < 2000
    assert len(pickle.dumps(photoz.as_partition_function(survey="ls-dr9"))) < 2000
    predict.meta  # noqa: B018, what was asked of it does not travel
    assert len(pickle.dumps(predict)) < 2000


def test_a_new_process_gives_the_same(predict, frame):
    spawn = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=spawn) as pool:
        there = pool.submit(predict, frame).result()
    pd.testing.assert_frame_equal(there, predict(frame))


def test_a_process_loads_once_for_all_threads(monkeypatch, frame):
    loads = []
    original = GasMetallicity.pretrained.__func__
    loaded = GasMetallicity.pretrained("feng2025", offline=True, device="cpu")
    predict = loaded.as_partition_function()
    monkeypatch.setattr("galspec.partitions.reference._loaded", {})

    def counted(cls, *arguments, **keywords):
        loads.append(keywords)
        return original(cls, *arguments, **keywords)

    monkeypatch.setattr(GasMetallicity, "pretrained", classmethod(counted))
    copies = [copied(predict) for _ in range(8)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        results = [*pool.map(lambda copy: copy(frame), copies)]
    assert len(loads) == 1
    for result in results[1:]:
        pd.testing.assert_frame_equal(result, results[0])


def test_a_process_with_another_galspec_says_so(predict, frame):
    reference = dataclasses.replace(predict.reference, version="0.0.1")
    function = dataclasses.replace(predict, reference=reference)
    with pytest.raises(WorkerMismatchError, match=r"made with 0\.0\.1"):
        function(frame)


def test_a_process_with_other_weights_says_so(tmp_path, frame):
    path = tmp_path / "weights.safetensors"
    GasMetallicity.pretrained("feng2025", offline=True).save(path)
    predict = GasMetallicity.pretrained(path=path, device="cpu").as_partition_function()
    GasMetallicity.pretrained("default", offline=True).save(path)
    with pytest.raises(WorkerMismatchError, match="SHA-256") as error:
        predict(frame)
    assert str(path) in str(error.value)
    assert type(copied(error.value)) is WorkerMismatchError


def test_references_to_one_estimator_are_equal(estimator):
    again = GasMetallicity.pretrained("feng2025", offline=True, device="cpu")
    assert EstimatorReference.of(estimator) == EstimatorReference.of(again)
    assert EstimatorReference.of(estimator).load().predict(NAMES[0])["oh"].unit == u.dex


@pytest.mark.parametrize("is_set", [True, False])
def test_memory_is_kept_where_dask_would_trim_it(monkeypatch, is_set):
    asked = []
    library = types.SimpleNamespace(mallopt=lambda *pair: asked.append(pair))
    monkeypatch.setattr(memory_trimming.ctypes, "CDLL", lambda name: library)
    monkeypatch.setattr(memory_trimming.sys, "platform", "linux")
    monkeypatch.delenv("MALLOC_TRIM_THRESHOLD_", raising=False)
    if is_set:
        monkeypatch.setenv("MALLOC_TRIM_THRESHOLD_", "65536")
    memory_trimming.end_memory_trimming()
    assert asked == [(-3, 32 << 20), (-1, 64 << 20)] * is_set
