# `make demo` and `make test` need Python 3.11 or later, git and make; everything else goes into $(VENV).
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
WORKERS ?= 2
PROGRAMS ?= 10000
KIND ?= plain

.PHONY: help demo test test-all lint types docs docs-update rules bench fuzz mutants try package clean

help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):.*##/\1:/p' $(MAKEFILE_LIST)

demo: $(VENV)/.examples  ## fit a network to the digits data, show the generated adjoint and its cost
	$(BIN)/python examples/digits.py

test: $(VENV)/.test  ## run the tests, but for those that take most of the time (tests/slow.txt)
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal --quick

test-all: $(VENV)/.test  ## run all tests
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

lint: $(VENV)/.lint  ## style, types, import order, spelling, project files
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell
	$(BIN)/sp-repo-review .

docs: $(VENV)/.docs  ## build the documentation into docs/_build/html, warnings are errors
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs docs/_build/html

docs-update: $(VENV)/.test  ## run the examples of README and docs and write what they print
	$(BIN)/python docs/execute.py --update

rules: $(VENV)/.test  ## count what has a rule, and write docs/rules.md
	$(BIN)/python scripts/coverage.py --update

bench: $(VENV)/.test  ## primal, srcad and its adjoint by hand, side by side
	$(BIN)/python benchmarks/run.py

fuzz: $(VENV)/.test  ## a long run of the program generator; for KIND=... see tests/property/kinds.py
	$(BIN)/python scripts/fuzz.py --programs $(PROGRAMS) --kind $(KIND)

mutants: $(VENV)/.test  ## make the rules wrong, one place at a time, and report what the tests see
	$(BIN)/python scripts/mutants.py

try: $(VENV)/.test  ## check the derivatives of all functions of an installed package: make try PACKAGE=scipy.special
	$(BIN)/python scripts/packages.py $(PACKAGE)

package: $(VENV)/.package  ## build wheel and sdist, install the wheel into an empty environment and use it
	rm -rf dist $(VENV)/wheel
	$(BIN)/python -m build --outdir dist
	$(PYTHON) -m venv $(VENV)/wheel
	$(VENV)/wheel/bin/python -m pip --disable-pip-version-check --quiet install dist/*.whl
	cd $(VENV)/wheel && bin/python -c "import srcad; assert 'wheel' in srcad.__file__, srcad.__file__" && bin/srcad --help > /dev/null

clean:  ## remove what the targets made
	rm -rf $(VENV) dist docs/_build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache

$(VENV)/.base:
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'srcad needs Python 3.11 or later; say which: make PYTHON=python3.12 ...')"
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --upgrade pip
	@touch $@

$(VENV)/.examples: $(VENV)/.base pyproject.toml
	$(PIP) install --editable '.[examples]'
	@touch $@

$(VENV)/.test: $(VENV)/.base pyproject.toml
	$(PIP) install --editable '.[examples]' --group test
	@touch $@

$(VENV)/.lint: $(VENV)/.base pyproject.toml
	$(PIP) install --editable . --group lint
	@touch $@

$(VENV)/.docs: $(VENV)/.base pyproject.toml
	$(PIP) install --editable . --group docs
	@touch $@

$(VENV)/.package: $(VENV)/.base
	$(PIP) install build
	@touch $@
