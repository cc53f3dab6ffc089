"""What a build of a small book loads, but for the code that its pages list."""
# ruff: noqa: F401

import gc

import jaxtyping
import jupyter_book.cli.main
import sphinx.ext.autodoc
import sphinx.ext.viewcode
import sphinx_book_theme
import sphinx_reredirects
import sphinxcontrib.bibtex
import sphinxcontrib.katex
import sphinxext.opengraph
import torch

import bookbuild.build
import bookbuild.extension

gc.freeze()
