"""What the documentation takes from the package itself, so that the two cannot differ.

The directive ``galspec-flags`` writes the table of quality flags, and
``galspec-unreleased`` the changes since the last release, as towncrier will put them
into the changelog. The cards of the embedded weights become pages in ``cards/`` before
the sources are read.
"""

import pathlib
import subprocess
import sys

from sphinx.util.docutils import SphinxDirective

from galspec import weights
from galspec.flags import EXPLANATIONS

#: Tutorials in the order in which a newcomer reads them.
TUTORIALS = (
    "gas_metallicity",
    "star_forming",
    "catalogue",
    "cemp_search",
    "energy_distributions",
    "flux_calibration",
    "photometric_redshifts",
    "explain",
)


def place_of_tutorial(filename):
    """Where a tutorial stands: one that is not named above, behind the others."""
    name = filename.removeprefix("plot_").removesuffix(".py")
    return TUTORIALS.index(name) if name in TUTORIALS else len(TUTORIALS), name


class FlagsTable(SphinxDirective):
    """The bits of the ``flags`` column with their explanations, as a table."""

    def run(self):
        lines = [".. list-table::", "   :header-rows: 1", "   :widths: 8 27 65", ""]
        lines += ["   * - bit", "     - name", "     - meaning"]
        for bit, text in EXPLANATIONS.items():
            text = text.replace("'", "``")
            lines += [f"   * - {bit.value}", f"     - ``{bit.name}``", f"     - {text}"]
        return self.parse_text_to_nodes("\n".join(lines))


class UnreleasedChanges(SphinxDirective):
    """The fragments in ``changes/``, assembled."""

    def run(self):
        root = pathlib.Path(self.env.app.srcdir).parent
        for path in root.glob("changes/*.rst"):
            self.env.note_dependency(str(path))
        command = [sys.executable, "-m", "towncrier", "build", "--draft"]
        draft = subprocess.run(
            [*command, "--version", "Unreleased", "--dir", str(root)],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout
        return self.parse_text_to_nodes(draft, allow_section_headings=True)


def write_cards(app):
    """Write the card of each of the weights that are part of the package as a page."""
    folder = pathlib.Path(app.srcdir) / "cards"
    folder.mkdir(exist_ok=True)
    for entry in filter(lambda entry: entry.embedded, weights.available()):
        bundle = weights.load(entry.estimator, entry.tag, offline=True)
        page = folder / f"{entry.estimator}-{entry.tag}.md"
        if not page.exists() or page.read_text(encoding="utf-8") != bundle.card:
            page.write_text(bundle.card, encoding="utf-8")


def describe_thumbnails(app, docname, source):
    """Give the pictures of the gallery a text, which sphinx-gallery leaves empty."""
    if docname == "gallery/index":
        source[0] = source[0].replace(":alt:\n", ":alt: A figure of this tutorial\n")


def setup(app):
    """Register the directive and the hook with Sphinx."""
    app.add_directive("galspec-flags", FlagsTable)
    app.add_directive("galspec-unreleased", UnreleasedChanges)
    app.connect("builder-inited", write_cards)
    app.connect("source-read", describe_thumbnails)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
