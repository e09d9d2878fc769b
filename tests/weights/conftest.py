"""A weight file, a server that may misbehave, and a cache of one's own."""

import collections
import http.server
import json
import sys
import threading

import numpy as np
import pytest

from galspec.weights import RegistryEntry, register, write_bundle

TENSORS = {"conv.weight": np.arange(12, dtype="f4").reshape(3, 4), "bias": np.ones(3)}
CONFIG = {"estimator": "gas-metallicity", "recipe": [{"name": "RestFrame"}]}


class Server(http.server.ThreadingHTTPServer):
    """Serves ``files``, counts requests, and does wrong what ``answers`` says."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.files = {}
        self.answers = collections.defaultdict(list)  # by path; used up in order
        self.requests = collections.Counter()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.requests[self.path] += 1
        answers = self.server.answers[self.path]
        answer = answers.pop(0) if answers else "right"
        body = self.server.files.get(self.path)
        if answer == "hang up":
            self.close_connection = True
        elif answer == "missing" or body is None:
            self.send_error(404)
        else:
            body = bytes(len(body)) if answer == "wrong" else body
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) // 2] if answer == "half" else body)

    def log_message(self, *args):
        pass


@pytest.fixture
def server():
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def environment(tmp_path_factory, monkeypatch):
    """An empty cache, for subprocesses too, and none of the user's settings."""
    for name in ("DIR", "REGISTRY", "MIRROR"):
        monkeypatch.delenv(f"GALSPEC_WEIGHTS_{name}", raising=False)
    monkeypatch.delenv("GALSPEC_OFFLINE", raising=False)
    # The proxy of a workplace does not know the servers of this process.
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    cache = tmp_path_factory.mktemp("cache")
    (cache / "galspec").mkdir()  # astropy 7 wants it to exist
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    return cache


@pytest.fixture
def bundle_file(tmp_path):
    file = tmp_path / "made" / "bundle.safetensors"
    write_bundle(file, TENSORS, CONFIG, "# A card\n")
    return file


@pytest.fixture
def registry_file(tmp_path, monkeypatch):
    file = tmp_path / "registry.json"
    file.write_text(json.dumps({"format": 1, "weights": {}}))
    monkeypatch.setenv("GALSPEC_WEIGHTS_REGISTRY", str(file))
    return file


@pytest.fixture
def published(server, bundle_file, registry_file) -> RegistryEntry:
    """Weights gas-metallicity/test that the server has under /main."""
    server.files["/main"] = bundle_file.read_bytes()
    return register(
        bundle_file,
        "gas-metallicity",
        "test",
        [f"{server.url}/main"],
        registry=registry_file,
    )


@pytest.fixture
def packaged(tmp_path, monkeypatch, bundle_file):
    """Install a data-only distribution, as an installer would lay it out."""

    def install(module="some_weights", file=bundle_file, init=""):
        site = tmp_path / f"site-{module}"
        folder = site / module / "x-y"
        folder.mkdir(parents=True)
        (site / module / "__init__.py").write_text(init)
        registry = site / module / "registry.json"
        registry.write_text(json.dumps({"format": 1, "weights": {}}))
        embedded = folder / "packed.safetensors"
        embedded.write_bytes(file.read_bytes())
        url = "https://package.org/f"
        register(embedded, "x-y", "packed", [url], registry=registry)
        info = site / f"{module}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {module.replace('_', '-')}\nVersion: 1.0\n"
        )
        (info / "entry_points.txt").write_text(
            f"[galspec.weights]\n{module} = {module}\n"
        )
        monkeypatch.syspath_prepend(site)
        return site / module

    yield install
    for name in [name for name in sys.modules if name.endswith("_weights")]:
        del sys.modules[name]
