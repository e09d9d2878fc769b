"""Configuration of the documentation."""

import importlib.metadata
import os
import pathlib
import sys

from sphinx_astropy.conf.v3 import *  # noqa: F403
from sphinx_astropy.conf.v3 import extensions, intersphinx_mapping

DOCS = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS / "extensions"))

# -- Project -------------------------------------------------------------------------
project = "galspec"
author = "The galspec developers"
copyright = "2026, The galspec developers"  # noqa: A001
release = importlib.metadata.version("astro-galspec")
version = ".".join(release.split(".")[:2])

# -- Extensions ----------------------------------------------------------------------
# The configuration generator of astropy documents astropy's own configuration only.
extensions.remove("sphinx_astropy.ext.generate_config")
extensions += ["galspec_pages", "myst_parser", "sphinx_gallery.gen_gallery"]
source_suffix = {".rst": "restructuredtext", ".md": "markdown"}

intersphinx_mapping = {
    name: intersphinx_mapping[name]
    for name in ("python", "numpy", "scipy", "matplotlib", "astropy")
}
intersphinx_mapping["specutils"] = ("https://specutils.readthedocs.io/en/stable/", None)
intersphinx_mapping["torch"] = ("https://docs.pytorch.org/docs/stable/", None)
if os.environ.get("GALSPEC_DOCS_OFFLINE"):
    intersphinx_mapping = {}

myst_enable_extensions = ["dollarmath"]
numpydoc_class_members_toctree = False

# examples/plugin is no part of the gallery: its README has no suffix on purpose, since
# a folder with README.md would be one.
sphinx_gallery_conf = {
    "examples_dirs": ["../examples"],
    "gallery_dirs": ["gallery"],
    "filename_pattern": r"plot_",
    "abort_on_example_error": True,
    "download_all_examples": False,
    "show_memory": False,
    "show_signature": False,
    "write_computation_times": False,
    "within_subsection_order": "galspec_pages.place_of_tutorial",
    "default_thumb_file": str(DOCS / "_static" / "gas_metallicity.png"),
}

# -- HTML ----------------------------------------------------------------------------
html_title = f"galspec {release}"
html_static_path = ["_static"]
html_css_files = ["galspec.css"]
html_context = {"default_mode": "auto"}
html_logo = html_favicon = "_static/logo.svg"
html_theme_options = {
    "sst_project_name": "galspec",
    "goatcounter_analytics_url": False,
    "rtd_search": False,
    "navbar_links": [
        ["astropy", "https://docs.astropy.org", 3],
        ["specutils", "https://specutils.readthedocs.io", 3],
    ],
    "footer_links": [],
}
