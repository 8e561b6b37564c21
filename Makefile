# Works on a machine with git, make and Python 3.11 or later (with venv). Go is
# used where there is one; otherwise a wheel brings it.
PYTHON ?= python3
# Warnings of the build backend about editable installs are of no use here.
PIP := PYTHONWARNINGS=ignore .venv/bin/python -m pip --disable-pip-version-check --quiet
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help

.PHONY: help
help:  ## Show the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# The stamp is newer than pyproject.toml as long as what is installed fits it.
$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --upgrade pip
	$(PIP) install --editable ".[dev]"
	@touch $@

.PHONY: demo
demo: $(VENV)/.demo  ## Do the main job on a fleet of four MCs and six WCs
	@PATH="$(CURDIR)/$(BIN):$$PATH" demo/demo.sh

# The demo needs no development tools, and should not wait for them.
$(VENV)/.demo: pyproject.toml
	@test -x $(BIN)/regconf || { $(PYTHON) -m venv $(VENV) && $(PIP) install --editable .; }
	@touch $@

.PHONY: peers
peers: $(VENV)/.installed  ## Build the real tools that the tests need
	@test -n "$$REGCONF_SKIP_INTEROP" || $(BIN)/python tools/peers.py

.PHONY: test
test: peers  ## Run all tests (REGCONF_SKIP_INTEROP=1 leaves out those with real tools)
	$(BIN)/python -m pytest $(PYTEST_ARGS)

.PHONY: test-long
test-long: peers  ## Compare 50,000 generated documents with the real sops (an hour or so)
	REGCONF_DOCUMENTS=50000 $(BIN)/python -m pytest -n 2 -q tests/interop/test_sops_differential.py

.PHONY: bench
bench: peers  ## Measure speed, as ratios to the real tools in the same run
	$(BIN)/python tools/peers.py --group bench
	@missed=0; for part in sops update_keys lint; do \
	  $(BIN)/python -m tests.benchmarks.bench_$$part || missed=1; done; exit $$missed

.PHONY: interop-hooks
interop-hooks: $(VENV)/.installed  ## Run our hooks through pre-commit and prek, at real commits
	$(BIN)/python tools/peers.py --group hooks
	$(BIN)/python -m pytest $(PYTEST_ARGS) tests/interop/hooks

.PHONY: lint
lint: $(VENV)/.installed  ## ruff, mypy, and the manifest of our own hooks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pre-commit validate-manifest .pre-commit-hooks.yaml

.PHONY: format
format: $(VENV)/.installed  ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
