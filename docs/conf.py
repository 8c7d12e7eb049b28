"""How Sphinx makes the site: `make docs`."""

from __future__ import annotations

from omega_runtime.version import __version__

project = "omegac"
author = "the omegac authors"
release = version = __version__
extensions = ["myst_parser", "sphinx_click", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = f"omegac {__version__}"
html_copy_source = False
myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence"]
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
default_role = "code"
# Links to files of the project that are no pages.
suppress_warnings = ["myst.xref_missing", "misc.highlighting_failure"]
# Types that only type checkers import.
nitpicky = False
