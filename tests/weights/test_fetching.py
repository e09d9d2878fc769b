import hashlib
import os
import pathlib
import subprocess
import sys

import pytest
from astropy.utils.data import conf, get_cached_urls
from astropy.utils.exceptions import AstropyUserWarning

import galspec.weights
from galspec.weights import WeightsError, download, load, register, resolve
from galspec.weights.files import file_sha256

NAME = ("gas-metallicity", "test")
DEAD = "http://127.0.0.1:9/x"  # the discard port: nobody listens


def with_sources(bundle_file, registry_file, *urls):
    return register(bundle_file, *NAME, urls, registry=registry_file)


def test_downloaded_once_then_cached(server, published):
    first = resolve(*NAME)
    assert file_sha256(first) == published.sha256
    assert resolve(*NAME) == first
    assert load(*NAME, offline=True).sha256 == published.sha256
    assert server.requests == {"/main": 1}
    assert get_cached_urls(pkgname="galspec") == [f"{server.url}/main"]


def test_cache_works_without_server(server, published):
    file = download(*NAME, progress_bar=False)
    server.files.clear()
    server.answers["/main"] = ["hang up"] * 9
    assert download(*NAME) == resolve(*NAME) == file


@pytest.fixture(params=["argument", "environment", "astropy"])
def offline(request, monkeypatch):
    if request.param == "environment":
        monkeypatch.setenv("GALSPEC_OFFLINE", "1")
    if request.param == "astropy":
        with conf.set_temp("allow_internet", False):
            yield {}
    else:
        yield {"offline": True} if request.param == "argument" else {}


def test_offline_makes_no_request(server, published, offline):
    with pytest.raises(WeightsError, match="the network may not be used") as error:
        resolve(*NAME, **offline)
    assert not server.requests
    assert "galspec download gas-metallicity --tag test" in str(error.value)
    assert published.sources[0] in str(error.value)


def test_offline_uses_the_cache(server, published, offline):
    with conf.set_temp("allow_internet", True), pytest.MonkeyPatch.context() as patch:
        patch.delenv("GALSPEC_OFFLINE", raising=False)
        file = resolve(*NAME)
    assert resolve(*NAME, **offline) == file


def test_offline_says_that_the_cache_is_damaged(published):
    file = resolve(*NAME)
    file.write_bytes(b"nonsense")
    with pytest.raises(WeightsError, match=f"{file} is damaged"):
        resolve(*NAME, offline=True)


@pytest.mark.parametrize("value", ["0", "", "false", "No"])
def test_offline_can_be_switched_off(published, monkeypatch, value):
    monkeypatch.setenv("GALSPEC_OFFLINE", value)
    assert resolve(*NAME).is_file()


@pytest.mark.parametrize("fault", ["missing", "wrong", "half", "hang up"])
def test_next_source_helps(server, published, bundle_file, registry_file, fault):
    server.answers["/main"] = [fault] * 9
    server.files["/second"] = server.files["/main"]
    urls = [f"{server.url}/main", f"{server.url}/second"]
    with_sources(bundle_file, registry_file, *urls)
    assert file_sha256(resolve(*NAME)) == published.sha256
    assert server.requests == {"/main": 1, "/second": 1}


@pytest.mark.parametrize("url", [DEAD, "http://no such host/x", "ssh://x/y"])
def test_next_source_helps_when_the_first_is_dead(
    server, published, bundle_file, registry_file, url
):
    with_sources(bundle_file, registry_file, url, f"{server.url}/main")
    assert file_sha256(resolve(*NAME)) == published.sha256
    assert resolve(*NAME, offline=True).is_file()


def test_all_sources_fail(server, published, bundle_file, registry_file):
    del server.files["/main"]
    with_sources(bundle_file, registry_file, DEAD, f"{server.url}/main")
    with pytest.raises(WeightsError) as error:
        resolve(*NAME)
    assert DEAD in str(error.value)
    assert f"{server.url}/main: HTTP Error 404" in str(error.value)
    assert server.requests == {"/main": 1}


def test_mirror_is_asked_first_and_cached_for_all(server, published, monkeypatch):
    path = "/mirror/gas-metallicity/test.safetensors"
    server.files[path] = server.files["/main"]
    monkeypatch.setenv("GALSPEC_WEIGHTS_MIRROR", f"{server.url}/mirror/")
    file = resolve(*NAME)
    assert server.requests == {path: 1}
    monkeypatch.delenv("GALSPEC_WEIGHTS_MIRROR")
    assert resolve(*NAME, offline=True) == file


def test_mirror_serves_what_has_no_source(
    server, bundle_file, registry_file, monkeypatch
):
    register(bundle_file, *NAME, registry=registry_file)
    server.files["/gas-metallicity/test.safetensors"] = bundle_file.read_bytes()
    monkeypatch.setenv("GALSPEC_WEIGHTS_MIRROR", server.url)
    assert resolve(*NAME) == resolve(*NAME)
    assert server.requests.total() == 1


def test_mirror_that_lacks_them(server, published, monkeypatch):
    monkeypatch.setenv("GALSPEC_WEIGHTS_MIRROR", f"{server.url}/mirror")
    assert file_sha256(resolve(*NAME)) == published.sha256
    assert server.requests["/main"] == 1


def test_mirror_that_is_no_url(server, published, monkeypatch):
    monkeypatch.setenv("GALSPEC_WEIGHTS_MIRROR", "/institute/weights")
    assert file_sha256(resolve(*NAME)) == published.sha256


def test_wrong_content_is_fetched_once_more(server, published):
    server.answers["/main"] = ["wrong"]
    assert file_sha256(resolve(*NAME)) == published.sha256
    assert server.requests == {"/main": 2}


def test_wrong_content_twice_is_an_error(server, published, environment):
    server.answers["/main"] = ["wrong", "wrong"]
    with pytest.raises(WeightsError, match="could not be fetched") as error:
        resolve(*NAME)
    assert server.requests == {"/main": 2}
    assert published.sha256 in str(error.value)
    assert hashlib.sha256(bytes(published.size)).hexdigest() in str(error.value)
    assert not list(environment.rglob("contents"))


@pytest.mark.parametrize("fault", ["half", "hang up"])
def test_interrupted_download(server, published, environment, fault):
    server.answers["/main"] = [fault]
    with pytest.raises(WeightsError, match="could not be fetched"):
        resolve(*NAME)
    assert not list(environment.rglob("contents"))
    assert file_sha256(resolve(*NAME)) == published.sha256
    assert server.requests == {"/main": 2}


@pytest.mark.parametrize("content", [b"", b"nonsense"])
def test_damaged_cache_is_fetched_again(server, published, content):
    file = resolve(*NAME)
    file.write_bytes(content)
    assert resolve(*NAME) == file
    assert file_sha256(file) == published.sha256
    assert server.requests == {"/main": 2}


def test_cache_that_cannot_be_made(server, published, environment):
    (environment / "galspec" / "download").write_text("a file where a folder should be")
    with pytest.warns(AstropyUserWarning, match="could not be put into the cache"):
        file = resolve(*NAME)
    assert file_sha256(file) == published.sha256


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere"
)
def test_cache_that_cannot_be_written(server, published, environment):
    folder = environment / "galspec" / "download" / "url"
    folder.mkdir(parents=True)
    folder.chmod(0o555)
    try:
        with pytest.warns(AstropyUserWarning, match="could not be put into the cache"):
            assert file_sha256(resolve(*NAME)) == published.sha256
    finally:
        folder.chmod(0o755)


SCRIPT = """
import sys
from galspec.weights import load
print("ready", flush=True)
sys.stdin.readline()
print(load("gas-metallicity", "test").sha256)
"""


def start(script):
    path = pathlib.Path(galspec.weights.__file__).parents[2]
    return subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(path)},
    )


@pytest.mark.parametrize("damaged", [False, True])
def test_processes_at_once(server, published, damaged):
    if damaged:
        resolve(*NAME).write_bytes(b"nonsense")
    processes = [start(SCRIPT) for _ in range(4)]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    answers = [process.communicate()[0].strip() for process in processes]
    assert answers == [published.sha256] * 4
    assert resolve(*NAME, offline=True).is_file()
    assert len(get_cached_urls(pkgname="galspec")) == 1
