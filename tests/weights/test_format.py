import io
import json
import pickle
import zipfile

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from galspec.weights import WeightsError, parse_bundle, read_bundle, write_bundle

TENSORS = {"w": np.arange(12, dtype="f4").reshape(3, 4), "b": np.ones(3)}
CONFIG = {"recipe": ["a", {"b": 1.5}], "name": "é"}
CARD = "# Card\nwith 12 + log(O/H)  ☉\n"


def same(one, two):
    return (
        one.config == two.config
        and one.card == two.card
        and one.tensors.keys() == two.tensors.keys()
        and all(
            np.array_equal(one.tensors[k], two.tensors[k])
            and one.tensors[k].dtype == two.tensors[k].dtype
            for k in one.tensors
        )
    )


@pytest.fixture
def single(tmp_path):
    file = tmp_path / "one.safetensors"
    write_bundle(file, TENSORS, CONFIG, CARD)
    return file


@pytest.fixture
def folder(tmp_path):
    write_bundle(tmp_path / "folder", TENSORS, CONFIG, CARD)
    return tmp_path / "folder"


def test_both_forms_hold_the_same(single, folder):
    one, two = read_bundle(single), read_bundle(folder)
    assert same(one, two)
    assert one.sha256 == two.sha256
    assert one.config == {**CONFIG, "format": 1}
    assert one.card == CARD
    assert np.array_equal(one.tensors["w"], TENSORS["w"])
    assert sorted(p.name for p in folder.iterdir()) == [
        "card.md",
        "config.json",
        "weights.safetensors",
    ]


def test_equal_input_gives_equal_bytes(tmp_path):
    hashes = {
        write_bundle(tmp_path / f"{i}.safetensors", tensors, config, CARD)
        for i, (tensors, config) in enumerate(
            [(TENSORS, CONFIG)] * 8
            + [(dict(reversed(TENSORS.items())), dict(reversed(CONFIG.items())))]
        )
    }
    assert len(hashes) == 1


@given(
    st.dictionaries(
        st.text(max_size=5).filter(lambda name: name != "__metadata__"),
        st_numpy.arrays(
            st.sampled_from(["f4", ">f4", "f8", "f2", "i8", ">i4", "u1", "?", "c8"]),
            st_numpy.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3),
        ),
        max_size=3,
    ),
    st.text(),
    st.booleans(),
)
def test_round_trip(tmp_path_factory, tensors, card, transposed):
    if transposed:
        tensors = {name: array.T for name, array in tensors.items()}
    file = tmp_path_factory.mktemp("round") / "x.safetensors"
    try:
        sha256 = write_bundle(file, tensors, {}, card)
    except UnicodeEncodeError:
        return
    back = read_bundle(file)
    assert back.sha256 == sha256
    assert back.card == card
    assert back.tensors.keys() == tensors.keys()
    for name, array in tensors.items():
        assert back.tensors[name].shape == array.shape
        np.testing.assert_array_equal(back.tensors[name], array)


def test_config_needs_the_keys_asked_for(single):
    bundle = read_bundle(single)
    bundle.require("recipe", "format")
    with pytest.raises(WeightsError, match=r"lacks \['network', 'targets'\]"):
        bundle.require("recipe", "network", "targets")


@pytest.mark.parametrize(
    "config",
    [{"x": float("nan")}, {"x": np.float32(1)}, {"x": object()}, {"x": {1, 2}}],
)
def test_config_must_be_json(tmp_path, config):
    with pytest.raises(WeightsError, match="configuration is not JSON"):
        write_bundle(tmp_path / "x.safetensors", TENSORS, config)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "array", [np.array(["a"]), np.array([None]), np.ones(2, complex)]
)
def test_arrays_must_be_numbers(tmp_path, array):
    with pytest.raises(WeightsError, match="'x' has type"):
        write_bundle(tmp_path / "x.safetensors", {"x": array}, {})


def test_overwriting_leaves_no_other_file(single, folder):
    write_bundle(single, {"w": np.zeros(1)}, {}, "new")
    write_bundle(folder, {"w": np.zeros(1)}, {}, "new")
    assert read_bundle(single).card == read_bundle(folder).card == "new"
    assert sorted(single.parent.iterdir()) == [folder, single]
    assert len(list(folder.iterdir())) == 3


def test_failed_write_keeps_the_old_file(single, monkeypatch):
    before = single.read_bytes()
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        write_bundle(single, {"w": np.zeros(1)}, {})
    assert single.read_bytes() == before
    assert list(single.parent.iterdir()) == [single]


class Bomb:
    def __reduce__(self):
        return pytest.fail, ("a pickle was loaded",)


def _torch_zip():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps(Bomb()))
    return buffer.getvalue()


@pytest.mark.parametrize("suffix", [".safetensors", ".pt", ".pkl", ""])
@pytest.mark.parametrize(
    "data",
    [pickle.dumps(Bomb(), protocol) for protocol in range(6)]
    + [_torch_zip(), pickle.dumps(TENSORS)[:100], b"x\x9c" + bytes(20)],
)
def test_pickles_are_refused_with_reason_and_advice(tmp_path, data, suffix):
    file = tmp_path / f"model{suffix}"
    file.write_bytes(data)
    with pytest.raises(WeightsError, match=r"runs whatever code .*write_bundle") as e:
        read_bundle(file)
    assert str(file) in str(e.value)


@pytest.mark.parametrize("suffix", [".pt", ".pth", ".pkl", ".joblib"])
def test_names_of_pickles_are_refused_for_writing(tmp_path, suffix):
    with pytest.raises(WeightsError, match=suffix):
        write_bundle(tmp_path / f"x{suffix}", TENSORS, CONFIG)


def test_header_as_long_as_a_pickle_begins_is_no_pickle(tmp_path):
    """A header of 640 bytes begins with 0x80 0x02, as pickles of protocol 2 do."""
    file = tmp_path / "x.safetensors"
    for n in range(600):
        write_bundle(file, TENSORS, CONFIG, "x" * n)
        if file.read_bytes()[:2] == b"\x80\x02":
            break
    else:
        pytest.fail("no card gave a header of 640 bytes")
    assert read_bundle(file).card == "x" * n


@pytest.mark.parametrize("length", [2**63, 2**40, 10**8, 5000])
def test_huge_header(single, length):
    single.write_bytes(length.to_bytes(8, "little") + single.read_bytes()[8:])
    with pytest.raises(WeightsError, match="cut off or damaged"):
        read_bundle(single)


@pytest.mark.parametrize("keep", [0, 1, 8, 9, 100, -1])
def test_truncated(single, keep):
    single.write_bytes(single.read_bytes()[:keep])
    with pytest.raises(WeightsError, match=r"cut off|damaged"):
        read_bundle(single)


def test_absent(tmp_path):
    with pytest.raises(WeightsError, match="No such file"):
        read_bundle(tmp_path / "x.safetensors")
    with pytest.raises(WeightsError, match=r"weights.safetensors"):
        read_bundle(tmp_path)


def test_foreign_safetensors(tmp_path, folder):
    safetensors.numpy.save_file(TENSORS, tmp_path / "x.safetensors", {"format": "pt"})
    with pytest.raises(WeightsError, match=r"not one of galspec.*\['format'\]"):
        read_bundle(tmp_path / "x.safetensors")
    with pytest.raises(WeightsError, match="give the directory"):
        read_bundle(folder / "weights.safetensors")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not JSON"),
        ("[1]", "no JSON object"),
        ('{"format": 1, "x": NaN}', "NaN is not"),
        ("[" * 100_000, "not JSON"),
        ("{}", "format None"),
        ('{"format": "1"}', "format '1'"),
        ('{"format": true}', "format True"),
        ('{"format": 2}', r"format 2, this galspec reads up to 1: .*upgrade"),
        ('{"format": 1, "recipe": []}', "changed by hand"),
    ],
)
def test_bad_config_file(folder, text, message):
    (folder / "config.json").write_text(text)
    with pytest.raises(WeightsError, match=message):
        read_bundle(folder)


def test_too_new_single_file(tmp_path):
    about = {"config": {"format": 7}, "card": "", "something": "else"}
    data = safetensors.numpy.save(TENSORS, {"galspec": json.dumps(about)})
    with pytest.raises(WeightsError, match="format 7"):
        parse_bundle(data, "x")


def test_card_of_another_encoding(folder):
    (folder / "card.md").write_bytes(b"\xff")
    with pytest.raises(WeightsError, match="UTF-8"):
        read_bundle(folder)


@st.composite
def mutations(draw):
    """A function that damages bytes."""
    kind = draw(st.sampled_from(["flip", "cut", "insert", "overwrite", "swap"]))
    # Half of the damage goes to the length and the beginning of the header.
    where = draw(st.one_of(st.integers(0, 40), st.integers(0, 10_000)))
    what = draw(st.binary(min_size=1, max_size=9))

    def mutate(data):
        i = where % len(data)
        return {
            "flip": data[:i] + bytes([data[i] ^ 1 << what[0] % 8]) + data[i + 1 :],
            "cut": data[:i] + data[i + len(what) :],
            "insert": data[:i] + what + data[i:],
            "overwrite": data[:i] + what + data[i + len(what) :],
            "swap": data[i:] + data[:i],
        }[kind]

    return mutate


@given(st.lists(mutations(), min_size=1, max_size=3))
def test_damage_is_an_error_or_harmless(tmp_path_factory, damages):
    file = tmp_path_factory.getbasetemp() / "fuzzed.safetensors"
    write_bundle(file, TENSORS, CONFIG, CARD)
    original, data = read_bundle(file), file.read_bytes()
    for damage in damages:
        data = damage(data)
    file.write_bytes(data)
    try:
        damaged = read_bundle(file)
    except WeightsError:
        return
    assert same(damaged, original)


@given(st.binary(max_size=300))
def test_any_bytes_are_an_error(data):
    with pytest.raises(WeightsError):
        parse_bundle(data, "x")


def test_every_flipped_bit_of_the_arrays_is_noticed(single):
    data = single.read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    for i in range(start, len(data)):
        flipped = data[:i] + bytes([data[i] ^ 4]) + data[i + 1 :]
        with pytest.raises(WeightsError, match="digest"):
            parse_bundle(flipped, "x")
