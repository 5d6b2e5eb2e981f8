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

.PHONY: help demo test test-deep bench lint format environment front-end
.DEFAULT_GOAL := help

help:
	@sed -n 's/^#   //p' Makefile

demo: environment front-end
	@$(PY) -m spm.embedded demo

test: lint front-end
	$(PY) -m pytest -n 2

test-deep: environment front-end
	$(PY) -m pytest -n 3 --dist worksteal -m deep --durations=25
	$(PY) -m spm.embedded.debian $(PY) -m pytest -n 2 --ignore=tests/incentives/engine

bench: environment
	$(PY) -m bench

lint: environment
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(LINT) .venv/bin/djlint templates --lint --quiet
	$(LINT) .venv/bin/mypy
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
