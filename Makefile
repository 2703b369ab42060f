# make setup | demo | engine-demo | test | coverage | bench | docs | pictures | lock | clean.  Needs Python 3.11 or newer; everything else goes into .venv.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.SUFFIXES:
MAKEFLAGS += --no-print-directory
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1
export PIP_ROOT_USER_ACTION := ignore

VENV := .venv
PY := $(VENV)/bin/python
# The first Python that is new enough; `make PYTHON=/path/to/python setup` overrides it.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)

.PHONY: help setup setup-dev demo engine-demo test coverage bench docs pictures lock clean

help:
	@sed -n '1s/^# //p' Makefile

setup: $(VENV)/.runtime $(VENV)/.catalogues
	@$(if $(filter $@,$(MAKECMDGOALS)),echo "setup: ready; the commands are $(VENV)/bin/leadpact and $(VENV)/bin/leaddesk",:)

setup-dev: $(VENV)/.dev
	@:

$(PY):
	@.ci/venv "$(PYTHON)" $(VENV)

$(VENV)/.runtime: requirements.lock pyproject.toml | $(PY)
	@echo "setup: installing the locked dependencies into $(VENV)"
	@$(PY) -m pip install -qq --require-hashes -r requirements.lock
	@$(PY) -m pip install -qq --no-deps -e .
	@touch $@

# What translators changed since the package was installed.
$(VENV)/.catalogues: $(wildcard src/*/locale/*/LC_MESSAGES/*.po) | $(VENV)/.runtime
	@$(PY) -m catalogues compile
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	@echo "setup: installing the locked tools for tests into $(VENV)"
	@$(PY) -m pip install -qq --require-hashes -r requirements-dev.lock
	@touch $@

# The desk with Northwind in it; Ctrl-C ends it, the next time it goes on. `make demo ARGS=--remove` removes it.
demo: setup
	@LEADDESK_HOME="$${LEADDESK_HOME:-out/desk}" $(VENV)/bin/leaddesk demo $(ARGS) || [ $$? = 130 ]

# The engine alone, on two files.
engine-demo: setup
	@$(PY) examples/northwind/demo.py

test: setup-dev
	@.ci/test

# With the compiler off, so that the lines of the sweep count too.
coverage: setup-dev
	@rm -f .coverage .coverage.*
	@NUMBA_DISABLE_JIT=1 $(VENV)/bin/coverage run -m pytest --ignore=tests/browser
	@$(VENV)/bin/coverage combine -q
	@$(VENV)/bin/coverage report

bench: setup-dev
	@$(PY) -m bench

docs: setup
	@$(PY) -m docs.generate

pictures: setup-dev
	@.ci/chromium >/dev/null && $(PY) -m docs.pictures

# The committed locks hold hashes and no address of any registry, so that they serve with every mirror.
lock: $(VENV)/.dev
	@.ci/lock $(ARGS)

clean:
	@rm -rf $(VENV) $(VENV)-3.13 build dist out .coverage .coverage.* htmlcov .*_cache .hypothesis .benchmarks
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
