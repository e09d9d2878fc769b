"""Every block of code in the documentation runs.

Sybil finds the blocks. Those of a page share one namespace and one folder, in which the
files lie that the fixture ``workplace`` makes. A block that cannot run here stands
behind a comment of the form ``.. skip: next "why"``, and is counted below.
"""

import ast
import collections
import contextlib
import glob
import io
import itertools
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tomllib
import unittest

import pytest
from sybil import Sybil
from sybil.evaluators.python import PythonEvaluator
from sybil.parsers import markdown, rest

from galspec.cli import main

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = sorted((*ROOT.glob("docs/*.rst"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"))
NAMES = [path.relative_to(ROOT).as_posix() for path in PAGES]

#: How many blocks of each page do not run here; the reason stands in the page.
SKIPPED = {
    "README.md": 2,
    "CONTRIBUTING.md": 3,
    "docs/clusters.rst": 1,
    "docs/command_line.rst": 2,
    "docs/install.rst": 1,
    "docs/datasets.rst": 5,
    "docs/photometry.rst": 1,
    "docs/plugins.rst": 5,
    "docs/simulation.rst": 3,
}
#: Pages whose blocks need a package that does not come with galspec.
NEEDED = {"docs/clusters.rst": "lsdb", "docs/command_line.rst": "distributed"}


def run_console(example):
    """Run each line that begins with a prompt, as in a shell."""
    lines = example.parsed.replace("\\\n", " ").splitlines()
    commands = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
    assert commands, "a console block without a line that begins with '$ '"
    for command in commands:
        code, output = run_command(command)
        # 1 is for rows without value, which "evaluate" finds among the examples
        done = (0, 1) if command.startswith("galspec evaluate") else (0,)
        assert code in done, f"{command!r} ended with {code}:\n{output}"


def run_command(command):
    """Exit code and output; galspec runs in this process, which saves its imports."""
    words = shlex.split(command)
    if words[0] != "galspec" or "|" in words:
        here = pathlib.Path(sys.executable).parent
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command],
            env={**os.environ, "PATH": f"{here}{os.pathsep}{os.environ['PATH']}"},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        return done.returncode, done.stdout
    arguments = itertools.chain.from_iterable(
        sorted(glob.glob(word)) or [word] for word in words[1:]
    )
    output = io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
        try:
            code = main(list(arguments))
        except SystemExit as stop:  # --help, or a wrong option
            code = stop.code
    return code, output.getvalue()


def read_toml(example):
    """It must be a table at all."""
    tomllib.loads(example.parsed)


def show(example):
    """What is to be read and not run, such as the tree of a folder."""


def only_skipped(example):
    """A language that cannot be run here."""
    raise AssertionError("say why this block does not run, by a comment 'skip: next'")


EVALUATORS = {
    "python": PythonEvaluator(),
    "console": run_console,
    "toml": read_toml,
    "bash": only_skipped,
    "text": show,
}


def blocks(syntax):
    """A Sybil for one syntax of pages."""
    parsers = [syntax.CodeBlockParser(*pair) for pair in EVALUATORS.items()]
    return Sybil([syntax.SkipParser(), *parsers], name=syntax.__name__)


READERS = {".rst": blocks(rest), ".md": blocks(markdown)}


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_blocks_run(page, workplace):
    pyplot = pytest.importorskip("matplotlib.pyplot")
    pytest.importorskip(NEEDED.get(page.relative_to(ROOT).as_posix(), "numpy"))
    skipped = 0
    for example in READERS[page.suffix].parse(page).examples():
        try:
            example.evaluate()
        except unittest.SkipTest:
            skipped += 1
        finally:
            pyplot.close("all")
    assert skipped == SKIPPED.get(page.relative_to(ROOT).as_posix(), 0)


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_blocks_have_a_known_language(page):
    """So that none is left out: no ``::``, no fence or directive of another kind."""
    text = page.read_text(encoding="utf-8")
    if page.suffix == ".md":
        languages = re.findall(r"^```(.+)$", text, re.M)
        indented = re.findall(r"(?<=\n\n) {4}\S.*", text)
        assert not indented, "fence them, with a language"
    else:
        languages = re.findall(r"^ *\.\. code-block::(.*)$", text, re.M)
        literal = re.findall(r"^(?! *\.\. ).*::$", text, re.M)
        assert not literal, "write '.. code-block:: LANGUAGE' instead"
    assert {language.strip() for language in languages} <= set(EVALUATORS)


def test_docstrings_have_no_other_blocks():
    """Their examples are doctests; what else is there would run nowhere."""
    found = collections.Counter()
    for path in ROOT.glob("galspec/**/*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                text = ast.get_docstring(node) or ""
                found[path.name] += len(re.findall(r"::$|code-block", text, re.M))
    assert not +found
