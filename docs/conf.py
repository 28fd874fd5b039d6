"""Configuration of the documentation: Markdown by MyST, API pages from the docstrings."""

from __future__ import annotations

project = "srcad"
copyright = "2026, The srcad developers"  # noqa: A001  Sphinx's name
author = "The srcad developers"

extensions = ["myst_parser", "sphinx.ext.autodoc"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]
nitpicky = False

autodoc_typehints = "none"
autodoc_member_order = "bysource"

html_theme = "furo"
html_title = "srcad"
html_show_sphinx = False
