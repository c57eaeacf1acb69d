SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
# The tests start hundreds of processes; each would compile Django again.
unexport PYTHONDONTWRITEBYTECODE

UV_VERSION := 0.13.8
PYTHON3 ?= python3
BIN := .venv/bin
PYTHON := $(BIN)/python
VENV := .venv/.synced

# Runs a command beside a PostgreSQL and a Redis that live as long as it does.
WITH_SERVICES := $(PYTHON) -m mdv.ops.local exec --
# For commands that read the settings but connect to nothing.
OFFLINE := MDV_ENV=local DATABASE_URL=postgres://nobody@localhost/none REDIS_URL=redis://localhost/0
# What production would be given, for its checks.
PRODUCTION := MDV_ENV=production SECRET_KEY=for-the-checks-of-make-only-0123456789-abcdefghijklmnopqrstuvwxyz \
	ALLOWED_HOSTS=shop.example.com CSRF_TRUSTED_ORIGINS=https://shop.example.com \
	STORE_URL=https://shop.example.com DATABASE_URL=postgres://nobody@localhost/none \
	REDIS_URL=redis://localhost/0 TRUSTED_PROXY_DEPTH=1 MDV_STATE_DIR=.run/deploy-check \
	EMAIL_URL=submission://shop:secret@mail.example.com DEFAULT_FROM_EMAIL=shop@example.com

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# --- Run -----------------------------------------------------------------------------------

.PHONY: run
run: $(VENV) ## Run the whole shop here, with its own PostgreSQL and Redis (PORT=8000, MDV_STATE_DIR=.run)
	@$(PYTHON) -m mdv.ops.local run

.PHONY: shell
shell: $(VENV) ## Open a Python shell beside the running shop
	@MDV_ENV=local $(PYTHON) manage.py shell

.PHONY: manage
manage: $(VENV) ## Run a management command beside the running shop: make manage ARGS="help"
	@MDV_ENV=local $(PYTHON) manage.py $(ARGS)

# --- Test ----------------------------------------------------------------------------------

PROCESSES ?= auto
SIDE_BY_SIDE := -n $(PROCESSES) --dist worksteal
# What the tests of a file share takes longer to make than they do.
FILE_BY_FILE := -n $(PROCESSES) --dist loadfile
HERE := not alone and not schema and not browser
# Coverage takes time, and these come to the services by way of others' doors.
NOT_MEASURED := tests/backoffice tests/ops
MIN_COVERAGE := 95

.PHONY: test
test: $(VENV) ## Run the tests (PROCESSES=2 side by side); services and states must be covered
	$(BIN)/pytest -m "$(HERE)" $(SIDE_BY_SIDE) $(ARGS) $(NOT_MEASURED)
	$(BIN)/coverage erase
	$(BIN)/coverage run --parallel-mode -m pytest -m "$(HERE)" $(SIDE_BY_SIDE) $(ARGS) $(NOT_MEASURED:%=--ignore=%)
	$(BIN)/coverage combine -q
	$(BIN)/coverage report --fail-under=$(MIN_COVERAGE)

.PHONY: test-alone
test-alone: $(VENV) ## Run the tests that start whole shops and take their services away
	$(BIN)/pytest -m "alone and not timed" $(FILE_BY_FILE) $(ARGS)
	$(BIN)/pytest -m "alone and timed" $(ARGS)

.PHONY: test-quick
test-quick: $(VENV) ## Run the tests that take less than a minute together
	$(BIN)/pytest -m "not slow and not browser" $(ARGS)

.PHONY: test-schema
test-schema: $(VENV) ## Send the running shop what schemathesis invents from the schema (EXAMPLES=50 a route)
	EXAMPLES=$(or $(EXAMPLES),50) $(BIN)/pytest -m schema $(SIDE_BY_SIDE) $(ARGS)

.PHONY: test-long
test-long: $(VENV) ## Pay 1,000 times, 250 times with killed processes, and take 10,000 steps at random (an hour)
	PAYMENTS=1000 KILLED_PAYMENTS=201 KILLED_REFUNDS=51 REFUNDED_ORDERS=500 $(BIN)/pytest -s tests/races/test_inbox.py \
		tests/races/test_starting_payments.py tests/races/test_starting_refunds.py tests/races/test_refund_crowds.py
	MACHINE_STEPS=10000 MACHINE_SEED=$(or $(MACHINE_SEED),$(shell date +%s)) $(BIN)/pytest -s tests/machine

.PHONY: test-browser
test-browser: $(VENV) chromium ## Run the tests that look at pages in Chromium
	$(BIN)/pytest -m browser $(SIDE_BY_SIDE) $(ARGS)

.PHONY: chromium
chromium:
	@if command -v chromium >/dev/null; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null; \
	else \
		echo "The browser tests need Chromium on PATH. On Debian: sudo apt-get install chromium"; exit 1; \
	fi

# --- Prove ---------------------------------------------------------------------------------

.PHONY: drill
drill: $(VENV) ## Buy 10,000 times in a scratch shop whose processes are killed (ATTEMPTS, CLIENTS), and prove the books
	$(WITH_SERVICES) $(PYTHON) manage.py drill --attempts $(or $(ATTEMPTS),10000) --clients $(or $(CLIENTS),64) $(ARGS)

# --- Check ---------------------------------------------------------------------------------

.PHONY: check
check: format-check lint types contracts schema-check migrations-check deploy-check ## Run all checks that CI runs, in its order

.PHONY: format-check
format-check: $(VENV)
	$(BIN)/ruff format --check .

.PHONY: lint
lint: $(VENV) ## Look for mistakes in the code (ruff)
	$(BIN)/ruff check .

.PHONY: types
types: $(VENV) ## Check the types (mypy, strict)
	$(OFFLINE) $(BIN)/mypy mdv shop refunds audit

.PHONY: contracts
contracts: $(VENV) ## Check who imports whom (import-linter)
	$(BIN)/lint-imports

.PHONY: schema-check
schema-check: $(VENV)
	$(OFFLINE) $(PYTHON) manage.py spectacular --validate --fail-on-warn | diff -u docs/openapi.yaml - \
		|| { echo "The API and docs/openapi.yaml differ. If you meant it: make schema"; exit 1; }

.PHONY: migrations-check
migrations-check: $(VENV)
	$(WITH_SERVICES) $(PYTHON) manage.py makemigrations --check --dry-run

.PHONY: deploy-check
deploy-check: $(VENV)
	$(PRODUCTION) $(PYTHON) manage.py collectstatic --no-input --verbosity=0
	$(PRODUCTION) $(PYTHON) manage.py check --deploy --fail-level WARNING

.PHONY: audit-deps
audit-deps: $(VENV) ## Ask the vulnerability service about the pinned packages (needs the network; not part of check)
	$(BIN)/pip-audit --require-hashes --disable-pip -r requirements.txt

# --- Change --------------------------------------------------------------------------------

.PHONY: fmt
fmt: $(VENV) ## Format the code and repair what ruff can repair
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.PHONY: schema
schema: $(VENV) ## Write the API's description to docs/openapi.yaml
	$(OFFLINE) $(PYTHON) manage.py spectacular --validate --fail-on-warn --file docs/openapi.yaml

LOCK = $(BIN)/uv pip compile pyproject.toml --generate-hashes --python-version 3.11 --universal -q \
	--no-annotate --custom-compile-command "make lock" $(ARGS)

.PHONY: lock
lock: $(VENV) ## Pin what pyproject.toml asks for (ARGS=--upgrade for the newest)
	$(LOCK) -o requirements.txt
	$(LOCK) --group dev -o requirements-dev.txt

.PHONY: clean
clean: ## Remove caches and reports (not .run, the shop's data, and not .venv)
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage .coverage.* htmlcov
	find . -name __pycache__ -not -path "./.venv/*" -prune -exec rm -rf {} +

# Everything in .venv comes from requirements-dev.txt; it is brought up to date when that changes.
$(VENV): requirements-dev.txt
	@$(PYTHON3) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "mdv needs Python 3.11 or newer")'
	@test -x $(PYTHON) || { echo "Making .venv …"; $(PYTHON3) -m venv .venv; }
	@$(PYTHON) -m pip install -q --disable-pip-version-check uv==$(UV_VERSION)
	@$(BIN)/uv pip sync -q --python $(PYTHON) --require-hashes requirements-dev.txt
	@touch $@
