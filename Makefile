# `make` alone lists the targets. Nothing is needed but python3 (3.11 or newer), python3-venv, make and git.

PYTHON ?= python3
PORT ?= 8000
# Where the faults of docs/faults.md are played
FAULTS := tests/faults tests/mtm/test_serve.py tests/restores/test_cuts.py tests/restores/test_refusals.py \
	tests/snapshots/test_deadline.py tests/snapshots/test_hurry.py tests/snapshots/test_rotation.py \
	tests/snapshots/test_several_volumes.py tests/snapshots/timeindex/test_builder.py \
	tests/support/test_database_stopped.py tests/webmail/test_rotation.py tests/webmail/test_want.py
# More arguments for pytest or the bench: make test ARGS="-k login"
ARGS ?=
# Processes of the tests: more than cores, since they wait for browsers and servers.
TESTERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) \* 3 / 2)

VENV := .venv
RUN := $(VENV)/bin/
STAMP := $(VENV)/.installed

export PORT
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help install deps demo dev test postgresql check fix faults bench evidence screenshots sbom lock

help: ## List the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

install: $(STAMP) ## Make .venv ready to run, from the hashed lock
	@echo "install: $(VENV) is ready"

$(STAMP): requirements.lock
	@echo "install: making $(VENV) with $(PYTHON) and the packages of requirements.lock"
	@$(PYTHON) -c 'import sys; v = sys.version_info; v >= (3, 11) or sys.exit("install: Python 3.11 or newer is needed, $(PYTHON) is %d.%d; name another: make install PYTHON=python3.12" % v[:2])'
	@$(PYTHON) -m venv --clear $(VENV)
	@$(RUN)pip install --quiet --require-hashes --requirement requirements.lock
	@touch $@

deps: ## Install through apt, as root, the system tools the tests use (Dovecot, Chromium, PostgreSQL, nginx, unzip, bsdtar, strace)
	@.ci/deps

demo: install ## Make a mailbox with eight nights, start everything, print address, email and password
	@echo "demo: starting on port $(PORT); Ctrl-C stops everything"
	@$(RUN)python -m demo

dev: install ## The demo, restarted whenever a file changes
	@echo "dev: starting on port $(PORT), reloading; Ctrl-C stops everything"
	@$(RUN)python -m demo --reload

test: install ## Run all tests
	@.ci/deps --if-allowed
	@echo "test: running all tests; what is skipped is named with its reason"
	@$(RUN)python -m pytest -n $(TESTERS) --dist loadfile --no-loadscope-reorder $(ARGS)

postgresql: install ## Run all tests over a PostgreSQL of their own
	@.ci/deps --if-allowed
	@echo "postgresql: running all tests over a private PostgreSQL"
	@$(RUN)python -m tests.postgresql -n auto --dist loadfile --no-loadscope-reorder $(ARGS)

check: install ## Lint, types, import contract, migrations, template format, conventions, known vulnerabilities
	@echo "check: ruff, mypy, import contract, migrations, djade, conventions, known vulnerabilities"
	@$(RUN)ruff check .
	@$(RUN)ruff format --check .
	@$(RUN)mypy
	@$(RUN)lint-imports
	@DJANGO_SETTINGS_MODULE=tests.settings $(RUN)python manage.py makemigrations --check --dry-run
	@find templates -name '*.html' -print0 | xargs -0 -r $(RUN)djade --check --target-version 5.2
	@$(RUN)python -m pytest -q tests/test_conventions.py
	@.ci/audit requirements-production.lock requirements.lock

fix: install ## Put right what ruff and djade can
	@echo "fix: ruff and djade rewrite files in place"
	@$(RUN)ruff check --fix .
	@$(RUN)ruff format .
	@find templates -name '*.html' -print0 | xargs -0 -r $(RUN)djade --target-version 5.2

faults: install ## Play every fault of docs/faults.md against the real site; takes minutes
	@.ci/deps --if-allowed
	@echo "faults: disks, mounts, servers, processes and clocks fail in turn"
	@TEST_EVIDENCE=1 $(RUN)python -m pytest $(FAULTS) $(ARGS)

bench: install ## Measure against the figures to reach
	@echo "bench: making a big mailbox once, then measuring"
	@$(RUN)python -m bench $(ARGS)

evidence: install ## Prove the promises at full scale, into docs/evidence.md
	@echo "evidence: running the proofs at full scale; this takes minutes"
	@$(RUN)python -m bench --evidence $(ARGS)

screenshots: install ## Photograph every screen and state of the demo, into docs/screens/
	@.ci/deps --if-allowed
	@echo "screenshots: a demo of its own, headless Chromium, four widths, two themes; a minute or two"
	@rm -f docs/screens/*.webp
	@$(RUN)python -m demo.screens docs/screens

sbom: install ## List what is shipped: docs/licences.md and build/sbom.cdx.json
	@echo "sbom: writing docs/licences.md and build/sbom.cdx.json"
	@$(RUN)python deploy/shipped.py

lock: ## Write requirements.lock anew from pyproject.toml
	@echo "lock: resolving pyproject.toml with $(PYTHON); use 3.11, the oldest supported"
	@.ci/lock $(PYTHON)
