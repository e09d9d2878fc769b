"""A disk that is full: a clear error, the old file as it was, and no half one."""

import os
import subprocess
import sys

import pytest

resource = pytest.importorskip("resource")

#: No file may grow beyond so many bytes: what the system makes of it is an OSError.
FULL = """
import pathlib, resource, signal, sys
import numpy as np
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
folder = pathlib.Path(sys.argv[1])

def full():
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))

def files():
    return {str(p.relative_to(folder)): p.read_bytes()
            for p in folder.rglob("*") if p.is_file()}
"""


def run(code, folder, *arguments):
    done = subprocess.run(
        [sys.executable, "-c", FULL + code, str(folder), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


WRITERS = """
from astropy.table import QTable
from galspec.catalog.parts import Parts
from galspec.io.tables import write_table
from galspec.weights import WeightsError, write_bundle

small = QTable({"a": np.zeros(3)})
large = QTable({"a": np.random.default_rng(0).random(50_000)})

def store(path, table):
    with Parts(path, {}) as parts:
        parts.store(0, "state", {"a": np.asarray(table["a"])})

def checkpoint(path, table):
    import torch
    from galspec.training.checkpoints import save_checkpoint
    model = torch.nn.Linear(len(table), 1)
    best = {k: v.clone() for k, v in model.state_dict().items()}
    save_checkpoint(path, model, best, torch.optim.SGD(model.parameters()), {})

writers = {
    "t.ecsv": lambda path, table: write_table(table, path),
    "t.fits": lambda path, table: write_table(table, path),
    "t.parquet": lambda path, table: write_table(table, path),
    "w.safetensors": lambda path, table: write_bundle(path, {"a": table["a"]}, {}),
    "weights": lambda path, table: write_bundle(path, {"a": table["a"]}, {}),
    "c.fits.parts": store,
    "check": checkpoint,
}
if "pyarrow" not in sys.argv:
    del writers["t.parquet"]
for name, write in writers.items():
    write(folder / name, small)
before = files()
full()
for name, write in writers.items():
    try:
        write(folder / name, large)
    except OSError as error:
        assert str(error), name
    except Exception as error:  # of libraries that have errors of their own
        assert type(error).__name__ in ("SafetensorError", "ArrowInvalid"), repr(error)
        assert "File too large" in str(error), error
    else:
        raise AssertionError(name + " was written")
after = files()
assert set(after) == set(before), set(after) ^ set(before)
changed = [name for name in before if before[name] != after[name]]
assert not changed, changed
print("done")
"""


def test_what_is_written_is_whole_or_not_there(tmp_path):
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        arguments = ()
    else:
        arguments = ("pyarrow",)
    assert run(WRITERS, tmp_path, *arguments) == "done\n"


COMMANDS = """
import contextlib, io
import galspec
from galspec.cli import main

out = folder / "out.ecsv"
assert main(["predict", "gas-metallicity", "--examples", "-o", str(out)]) in (0, 1)
before = out.read_bytes()
resource.setrlimit(resource.RLIMIT_FSIZE, (200, resource.RLIM_INFINITY))
for command in (
    ["predict", "gas-metallicity", "--examples", "--overwrite", "-o"],
    ["catalog", *map(str, galspec.example_spectra()), "--overwrite", "-o"],
):
    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        code = main([*command, str(out)])
    assert code == 2, (command, code)
    assert "File too large" in said.getvalue(), said.getvalue()
assert out.read_bytes() == before
print("done")
"""


def test_commands_say_so(tmp_path):
    assert run(COMMANDS, tmp_path).endswith("done\n")
