"""The loaders are there whichever of the two packages is imported first."""

import subprocess
import sys

import pytest

INSTALL = "from galspec.io import specutils_hook; specutils_hook.install()"
READ = "print('SHAPE', specutils.Spectrum.read(sys.argv[1]).shape)"


def run(code, *args):
    """Run code in a new interpreter and give back what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, args)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "first",
    [
        f"import sys; {INSTALL}; import specutils",
        f"import sys, specutils; {INSTALL}",
        f"import sys; {INSTALL}; from specutils import Spectrum; import specutils",
        f"import sys; {INSTALL}; import specutils.io.registers, specutils",
    ],
)
def test_either_import_order(make_lamost, first):
    assert "SHAPE (300,)" in run(f"{first}; {READ}", make_lamost("dr1"))


@pytest.mark.parametrize(
    "imports",
    [
        "import galspec; from specutils import Spectrum",
        "from specutils import Spectrum; import galspec",
    ],
)
def test_importing_galspec_is_enough(make_lamost, imports):
    code = f"import sys; {imports}; print('SHAPE', Spectrum.read(sys.argv[1]).shape)"
    assert "SHAPE (300,)" in run(code, make_lamost("dr10"))


def test_installing_imports_nothing_heavy():
    code = f"{INSTALL}; import sys; print(sorted({{'specutils', 'torch', 'astropy', "
    code += "'numpy'}.intersection(sys.modules)))"
    heavy = run(code)
    assert "specutils" not in heavy
    assert "torch" not in heavy


def test_the_watcher_leaves_no_trace():
    code = (
        f"import sys, importlib.util; before = list(sys.meta_path);"
        f"{INSTALL}; {INSTALL};"
        "assert len(sys.meta_path) == len(before) + 1;"
        "assert importlib.util.find_spec('specutils') is not None;"
        "import specutils, specutils.manipulation;"
        "assert 'exec_module' not in vars(specutils.__spec__.loader);"
        "assert not [f for f in sys.meta_path if 'galspec' in type(f).__module__];"
        "print('fine')"
    )
    assert "fine" in run(code)


def test_one_identification_wins(make_lamost, make_sdss, make_desi):
    from astropy.io.registry.compat import default_registry
    from specutils import Spectrum, SpectrumList

    from galspec.io import specutils_hook

    specutils_hook.install()
    ours = "LAMOST low-resolution"
    expected = [
        (make_lamost("dr1"), Spectrum, ours),
        (make_lamost("dr7", zipped=True), SpectrumList, ours),
        (make_lamost("dr10"), Spectrum, ours),
        (make_lamost("dr10", zipped=True), SpectrumList, ours),
        (make_sdss(), Spectrum, "SDSS-III/IV spec"),
        (make_desi(), SpectrumList, "DESI coadd"),
    ]
    for path, cls, label in expected:
        with open(path, "rb") as file:
            args = ("read", cls, str(path), file, [file], {})
            if path.suffix == ".gz":
                args = ("read", cls, str(path), None, [], {})
            assert default_registry._get_valid_format(*args) == label


@pytest.mark.parametrize("content", [b"", b"text", b"SIMPLE  =                    T"])
def test_identification_never_raises(tmp_path, content):
    from galspec.io.specutils_loaders import identify_lamost

    path = tmp_path / "file.fits"
    path.write_bytes(content)
    assert identify_lamost("read", str(path), None) is False
    assert identify_lamost("read", None, None, 3) is False
    assert identify_lamost("write", str(path), None) is False
    with open(path, "rb") as file:
        assert identify_lamost("read", None, file, file) is False
