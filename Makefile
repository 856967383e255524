# civa: `make demo` and `make test` each set up everything they need in .venv.
#
# The two environments are one: requirements/core.txt is what civa runs on, requirements/dev.txt
# adds what its tests need, both from a single resolution (`make lock`). Stamp files in .venv
# remember which lock is installed, so that a repeated call starts at once.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
PY := $(VENV)/bin/python
CIVA := $(VENV)/bin/civa
CORE := $(VENV)/.installed-core
DEV := $(VENV)/.installed-dev
OTHERS := .venv-interop

# Two processes share the cores; a BLAS pool in each of them would only make them wait.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
export MKL_NUM_THREADS := 1
export SOLARA_TELEMETRY_MIXPANEL_ENABLE := false
# An environment of the caller must not leak into ours.
unexport PYTHONPATH
unexport PYTHONHOME

# The first of these that runs and is new enough makes the environment: make demo PYTHON=… to choose.
PYTHON ?=
PYTHONS := $(or $(PYTHON),python3.13 python3.12 python3.11 python3.14 python3 python)
NEW_ENOUGH := import sys, venv, ensurepip; raise SystemExit(sys.version_info < (3, 11))

# uv is used when it is there because it is faster; pip alone does the same.
UV := $(shell command -v uv 2>/dev/null)

# How much of the machine the tests may take.
WORKERS ?= 2

.PHONY: help demo test check bench bench-compare docs soak nightly slow audit interop coverage dashboard lock core dev clean

help:  ## what can be made
	@sed -n 's/^\([a-z-]*\):.*  ## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

demo: $(CORE)  ## run four small studies with the offline mind and write a report
	@$(CIVA) demo

test: check  ## lint, types, architecture, then every test that is not a soak
	@$(PY) -m pytest -n $(WORKERS) --dist loadgroup $(ARGS)

check: $(DEV)  ## lint, format, types and architecture alone
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/mypy
	@$(VENV)/bin/lint-imports

bench: $(DEV)  ## measure speed and tokens beside their baselines; a table and a JSON
	@PYTHONPATH=tests $(PY) -m benchmarks $(ARGS)

bench-compare: $(DEV)  ## compare two of its JSONs: make bench-compare A=… B=…
	@$(PY) tests/benchmarks/compare.py $(A) $(B)

coverage: $(DEV)  ## measure what intervals cover, into docs/coverage.md
	@$(PY) -m tests.coverage $(ARGS)

docs: $(DEV)  ## build the documentation as a site, in site/
	@NO_MKDOCS_2_WARNING=1 $(VENV)/bin/mkdocs build --strict --quiet
	@echo "civa: open site/index.html"

soak: $(DEV)  ## the long tests
	@$(PY) -m pytest -m soak --timeout 0 $(ARGS)

nightly: $(DEV)  ## every parser against 10,000 random inputs
	@CIVA_HYPOTHESIS=nightly $(PY) -m pytest --timeout 0 tests/faults/test_fuzzing.py $(ARGS)

slow: $(DEV)  ## the browser tests in a browser four times slower than this one
	@CIVA_SLOWER=4 $(PY) -m pytest -n $(WORKERS) --dist loadgroup tests/browser $(ARGS)

audit: $(DEV)  ## is what is installed what is locked, and is anything known against it
	@$(PY) .ci/audit

interop: $(DEV) $(OTHERS)/.installed  ## the tests against other people's servers, which compile for minutes
	@$(PY) -m pytest -m interop --timeout 0 -rP tests/interop $(ARGS)

dashboard: $(CORE)  ## watch a community live in the browser
	@$(CIVA) dashboard

core: $(CORE)  ## only set up what civa runs on

dev: $(DEV)  ## only set up what the tests need as well

$(PY):
	@for python in $(PYTHONS); do \
	  if "$$python" -c '$(NEW_ENOUGH)' >/dev/null 2>&1; then \
	    echo "civa: making $(VENV) with $$("$$python" --version)"; \
	    exec "$$python" -m venv $(VENV); \
	  fi; \
	done; \
	echo "civa: no Python 3.11 or newer with venv found (looked for: $(PYTHONS));" \
	     "install one, or name it: make $(or $(MAKECMDGOALS),demo) PYTHON=/path/to/python" >&2; \
	exit 1

# pip refuses an editable project among hashed requirements: the lock first, then civa itself,
# built with the backend that the lock installed.
define install
	@echo "civa: installing $(1)"
	@if [ -n "$(UV)" ]; then \
	  "$(UV)" pip install --quiet --python $(PY) --require-hashes --requirement $(1) && \
	  "$(UV)" pip install --quiet --python $(PY) --no-deps --no-build-isolation --editable .; \
	else \
	  $(PY) -m pip install --quiet --disable-pip-version-check --no-input \
	    --require-hashes --requirement $(1) && \
	  $(PY) -m pip install --quiet --disable-pip-version-check --no-input \
	    --no-deps --no-build-isolation --editable .; \
	fi
endef

$(CORE): requirements/core.txt pyproject.toml | $(PY)
	$(call install,$<)
	@touch $@

# The tests' lock holds everything in the core's.
$(DEV): requirements/dev.txt pyproject.toml | $(PY)
	$(call install,$<)
	@touch $(CORE) $@

# The other servers' packages stand apart: nothing of civa is in there.
$(OTHERS)/.installed: requirements/interop.txt | $(PY)
	@echo "civa: making $(OTHERS), which compiles for some minutes"
	@$(PY) -m venv $(OTHERS)
	@$(OTHERS)/bin/python -m pip install --quiet --disable-pip-version-check --no-input \
	  --require-hashes --requirement $<
	@touch $@

# One resolution for every Python and platform; no address of any registry in it. Pins that still
# fit are kept; make lock UPGRADE=--upgrade takes the newest.
COMPILE = $(PY) -m uv pip compile --quiet --universal --fork-strategy fewest \
  --python-version 3.11 --generate-hashes --no-annotate --no-emit-index-url --no-emit-find-links \
  --custom-compile-command "make lock" $(UPGRADE) --group build

lock: $(DEV)  ## resolve pyproject.toml again into the two locks
	@$(COMPILE) --extra dev --output-file requirements/dev.txt pyproject.toml
	@$(COMPILE) --constraint requirements/dev.txt --output-file requirements/core.txt pyproject.toml
	@$(filter-out --group build,$(COMPILE)) --group interop --output-file requirements/interop.txt

clean:  ## remove the environment, the caches and the demo's output
	rm -rf $(VENV) $(OTHERS) dist build runs/demo .pytest_cache .mypy_cache .ruff_cache .hypothesis \
	  .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
