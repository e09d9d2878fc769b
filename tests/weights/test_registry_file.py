import json

import pytest
from astropy.utils.exceptions import AstropyUserWarning

from galspec.weights import WeightsError, available, register, write_bundle
from galspec.weights.registry_file import BUILTIN, lookup, parse_registry

GOOD = {"sha256": "0" * 64, "size": 10}


def registry(**fields):
    return json.dumps({"format": 1, "weights": {"a-b": {"c": {**GOOD, **fields}}}})


def test_builtin_registry_is_sound():
    entries = parse_registry(BUILTIN.read_bytes(), "ours")
    assert [(e.estimator, e.tag) for e in available()] == sorted(entries)


def test_defaults():
    entry = parse_registry(registry(), "x")["a-b", "c"]
    assert (entry.embedded, entry.sources, entry.released) == (False, (), True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "no JSON object"),
        ("nonsense", "not JSON"),
        ('{"weights": {}}', "format None"),
        ('{"format": 2, "weights": {}}', "format 2"),
        ('{"format": 1}', "'weights'"),
        ('{"format": 1, "weights": {"a": {"b": {}}}}', "sha256"),
        ('{"format": 1, "weights": {"a": []}}', "fault"),
        ('{"format": 1, "weights": {"../a": {"b": {}}}}', "'../a' is no name"),
        (registry(sha256="0" * 63), "sha256 of a-b/c"),
        (registry(size="big"), "'big'"),
        (registry(sources="https://x.org"), "not URLs"),
        (registry(sources=["/a/file"]), "not URLs"),
    ],
)
def test_faulty_registry(text, message):
    with pytest.raises(WeightsError, match=message):
        parse_registry(text, "some registry")


def test_register_and_look_up(bundle_file, registry_file):
    url = "https://example.org/x"
    entry = register(bundle_file, "a-b", "c", [url], registry=registry_file)
    assert lookup("a-b", "c") == entry
    assert available("a-b") == [entry]
    assert entry in available()
    assert available("other") == []
    assert entry.size == bundle_file.stat().st_size
    assert not entry.embedded
    assert not entry.released


def test_register_knows_the_place_of_embedded_files(bundle_file, registry_file):
    file = registry_file.parent / "a-b" / "c.safetensors"
    file.parent.mkdir()
    file.write_bytes(bundle_file.read_bytes())
    assert register(file, "a-b", "c", registry=registry_file).embedded


def test_released_tags_never_change(tmp_path, bundle_file, registry_file):
    other = tmp_path / "other.safetensors"
    write_bundle(other, {}, {})
    register(other, "a", "b", registry=registry_file)
    register(bundle_file, "a", "b", registry=registry_file, released=True)
    before = registry_file.read_bytes()
    with pytest.raises(WeightsError, match="never changes: take a new one"):
        register(other, "a", "b", registry=registry_file)
    assert registry_file.read_bytes() == before
    again = register(bundle_file, "a", "b", ["https://x.org"], registry=registry_file)
    assert again.released  # a source may be added, the release not be taken back


def test_registering_refuses_what_is_no_bundle(tmp_path, registry_file):
    file = tmp_path / "x.safetensors"
    file.write_bytes(b"nonsense")
    with pytest.raises(WeightsError, match="not a safetensors"):
        register(file, "a", "b", registry=registry_file)


@pytest.mark.parametrize("value", ["/nowhere/registry.json", "https://example.org/r"])
def test_registry_variable_must_name_a_file(monkeypatch, value):
    monkeypatch.setenv("GALSPEC_WEIGHTS_REGISTRY", value)
    with pytest.raises(WeightsError, match="must be a local JSON file"):
        available()


def test_registries_add_sources_to_each_other(
    bundle_file, registry_file, packaged, monkeypatch
):
    ours = register(
        bundle_file,
        "x-y",
        "packed",
        ["https://institute.org/f"],
        registry=registry_file,
    )
    packaged()
    (entry,) = available("x-y")
    assert entry.sha256 == ours.sha256
    assert entry.sources == ("https://institute.org/f", "https://package.org/f")


def test_registries_that_disagree(tmp_path, registry_file, packaged):
    write_bundle(tmp_path / "other.safetensors", {}, {})
    ours = register(
        tmp_path / "other.safetensors", "x-y", "packed", registry=registry_file
    )
    packaged()
    with pytest.warns(AstropyUserWarning, match=r"disagree about the tag 'packed'"):
        assert available("x-y") == [ours]


def test_two_packages_that_disagree(tmp_path, packaged):
    write_bundle(tmp_path / "other.safetensors", {}, {})
    packaged("one_weights")
    packaged("two_weights", tmp_path / "other.safetensors")
    with pytest.raises(WeightsError, match=r"disagree.*one-weights.*two-weights"):
        lookup("x-y", "packed")
