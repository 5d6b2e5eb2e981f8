# The only commands a newcomer needs. They need Python 3.11 or later, make, and the package indexes of Python and npm.
#   make demo        start everything on this machine, with a demo company, at http://127.0.0.1:8000 (PORT=… changes the port)
#   make test        lint, types, import contracts, migrations, and the whole test suite on real servers
#   make test-deep   full counts: generated cases, kills, races, whole starts, and the suite on PostgreSQL 15
#   make bench       how fast it is
#   make lint, make format

PORT ?= 8000
export PORT
# Compiled modules are kept, whatever the shell says: a start is several processes that import the same libraries.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3.14 python3; do \
	command -v $$name >/dev/null && $$name -c 'import sys; raise SystemExit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; \
	done)
PY := .venv/bin/python
# Linting reads the settings but starts nothing.
LINT := SECRET_KEY=only-for-linting-0123456789-0123456789-0123456789-0123456789 SPM_EMBEDDED=1

# What needs nothing of each other is done at once: checking the types takes as long as all other checks.
AT_ONCE := $(MAKE) --no-print-directory --jobs=3
# Sets have the same order in every run: what passed once passes again.
TESTS := PYTHONHASHSEED=0 $(PY) -m pytest --durations=25

.PHONY: help demo test test-deep bench lint lint-types lint-rest format environment front-end
.DEFAULT_GOAL := help

help:
	@sed -n 's/^#   //p' Makefile

demo: environment front-end
	@$(PY) -m spm.embedded demo

test: environment
	@$(AT_ONCE) lint-types lint-rest front-end
	$(TESTS) -n 2

# Only the files with deep tests are read, and on PostgreSQL 15 only what asks a server is run (tests/conftest.py).
test-deep: environment front-end
	$(TESTS) -n 3 --dist worksteal -m deep $$(grep -rl mark.deep --include=*.py tests)
	PYTHONHASHSEED=0 $(PY) -m spm.embedded.debian $(PY) -m pytest --durations=25 -n 2 --ignore=tests/incentives/engine tests

bench: environment
	$(PY) -m bench

lint: environment
	@$(AT_ONCE) lint-types lint-rest

lint-types: environment
	$(LINT) .venv/bin/mypy

lint-rest: environment
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(LINT) .venv/bin/djlint templates --lint --quiet
	.venv/bin/lint-imports
	$(LINT) $(PY) -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run

format: environment
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

environment: .venv/.installed

front-end: environment
	@$(PY) -m spm.embedded.vendor

# Every package is checked against its hash; a later change of the lock installs again into the same environment.
.venv/.installed: requirements.lock
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed and was not found; name one with PYTHON=…" >&2; exit 1; }
	@test -x $(PY) || $(PYTHON) -m venv .venv || { rm -rf .venv; \
		echo "$(PYTHON) can't make environments; on Debian and Ubuntu install the package python3-venv." >&2; exit 1; }
	@echo "Installing the locked packages into .venv (once) …"
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@
