"""Every public name has its place in the reference, and readers are shown no other.

Public are the packages, the modules that the reference lists, and whatever the pages
and the tutorials import.
"""

import importlib
import inspect
import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
#: Packages that are run, not imported.
NOT_IMPORTED = {"galspec.cli", "galspec.data", "galspec.estimators"}
PACKAGES = {
    ".".join(path.parent.relative_to(ROOT).parts)
    for path in ROOT.glob("galspec/**/__init__.py")
} - NOT_IMPORTED
DIRECTIVE = re.compile(r"^\.\. auto(\w+):: (\S+)\n((?:   .*\n)*)", re.M)


def directives():
    """Kind, name and options of what generates the reference."""
    for path in sorted(ROOT.glob("docs/reference/*.rst")):
        yield from DIRECTIVE.findall(path.read_text(encoding="utf-8") + "\n")


LISTED = {name for kind, name, _ in directives() if kind == "modapi"}
# the stages for RAIL can only be imported where it is installed
WITHOUT_RAIL = [name for name in LISTED | PACKAGES if "rail" not in name]


def is_described(value):
    """Whether automodapi, left alone, gives this kind of object a place."""
    return inspect.isclass(value) or inspect.isroutine(value)


@pytest.fixture(scope="module")
def documented():
    """Dotted names, and objects, that have a place."""
    names, objects = set(), []
    for kind, name, options in directives():
        if kind != "modapi":
            module, _, public = name.rpartition(".")
            names.add(name)
            objects.append(getattr(importlib.import_module(module), public))
            continue
        if "rail" in name:
            continue
        skipped = re.findall(r":skip: (\S+)", options)
        module = importlib.import_module(name)
        for public in set(module.__all__) - set(skipped):
            value = getattr(module, public)
            if is_described(value) or ":include-all-objects:" in options:
                names.add(f"{name}.{public}")
                objects.append(value)
    return names, objects


def missing(documented, module, names):
    """Those names of a module that have no place of their own or under another name."""
    known, objects = documented
    for name in names:
        if f"{module}.{name}" in known or name == "__version__":
            continue
        value = getattr(importlib.import_module(module), name)
        # equal words and numbers may be one object by chance
        plain = isinstance(value, str | int | float)
        if plain or not any(value is one for one in objects):
            yield f"{module}.{name}"


@pytest.mark.parametrize("module", sorted(WITHOUT_RAIL))
def test_public_names_are_in_the_reference(module, documented):
    names = getattr(importlib.import_module(module), "__all__", ())
    assert not list(missing(documented, module, names))


def imports(text):
    """Module and names of each import from galspec, in code or in a page."""
    text = re.sub(r"^ *(>>>|\.\.\.) ?", "", text, flags=re.M)
    pattern = r"from (galspec[\w.]*) import (\([^)]*\)|[^\n(]*)"
    for module, names in re.findall(pattern, text):
        yield module, re.findall(r"\w+", re.sub(r" as \w+", "", names))


def shown():
    """Files that show users what to import."""
    yield from (*ROOT.glob("docs/*.rst"), *ROOT.glob("examples/*.py"))
    yield from (ROOT / "README.md", *ROOT.glob("examples/plugin/**/*.py"))


@pytest.mark.parametrize(
    "path", sorted(shown()), ids=lambda path: path.relative_to(ROOT).as_posix()
)
def test_what_pages_import_is_in_the_reference(path, documented):
    lost = []
    for module, names in imports(path.read_text(encoding="utf-8")):
        if "rail" in module:
            continue
        for name in names:
            try:  # a module, such as "from galspec import weights"
                assert f"{module}.{name}" in LISTED or importlib.import_module(
                    f"{module}.{name}"
                )
            except ModuleNotFoundError:
                lost += missing(documented, module, [name])
    assert not lost
