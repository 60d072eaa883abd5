# make run   sets everything up and starts Postiz Pins           make test   the whole test suite
# make bench the benchmarks of docs/performance.md               make check  linters, types, layers
# make test-s3  the tests of files, on an S3 server    make two-machines  500 pins on two machines, one of which is killed
# make simulate SEEDS=…  random lives of pins (docs/simulation.md)
# make screenshots  the pictures of README.md anew, and every page to look at (var/screenshots)
# make doctor  are settings and surroundings right?  (docs/operations.md)
# make lock  pins the dependencies anew from pyproject.toml      make release  may this commit be released?

PYTHON ?= python3
# As many workers as cores; each gets whole modules (tests/conftest.py).
PYTEST_ARGS ?= --numprocesses=auto --dist=loadscope
DATA_DIR ?= var
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run doctor test test-s3 two-machines bench simulate simulate-mutants screenshots check lock release python
.DEFAULT_GOAL := run

run: var/static.stamp
	@exec $(BIN)/python manage.py run

doctor: var/static.stamp
	@$(BIN)/python manage.py doctor

test: $(VENV)/dev.stamp var/static.stamp
	$(BIN)/python -m pytest $(PYTEST_ARGS)

# What reads and writes files, with a bucket of SeaweedFS in the place of folders.
test-s3: $(VENV)/s3-server.stamp var/static.stamp
	$(BIN)/python -m tests.s3_server $(BIN)/python -m pytest $(PYTEST_ARGS) $(S3_TESTS)

S3_TESTS := tests/postiz_pins/storage tests/pins/media tests/pins/publishing tests/pins/test_direct_uploads.py \
	tests/accounts/exports/test_bucket.py tests/postiz_pins/operations/test_backup.py tests/browser/test_direct_uploads.py

# Two checkouts on one PostgreSQL, Redis (its database 9) and S3 server, while all that may happen does.
TWO_MACHINES_ON := DATABASE_URL=postgres://postgres@127.0.0.1:5432/two_machines REDIS_URL=redis://127.0.0.1:6379/9
TWO_MACHINES ?= large
TWO_MACHINES_TEST := tests/pins/publishing/test_two_machines.py
two-machines: $(VENV)/s3-server.stamp var/static.stamp
	TWO_MACHINES=$(TWO_MACHINES) $(TWO_MACHINES_ON) $(BIN)/python -m tests.s3_server $(BIN)/python -m pytest -s -n 0 $(TWO_MACHINES_TEST)

bench: $(VENV)/dev.stamp var/static.stamp
	$(BIN)/python -m benchmarks

# SEEDS: how many histories, from FIRST on. SEED: one history in words, with SHRINK=1 the shortest that breaks its rule.
SEEDS ?= 10000
FIRST ?= 0
simulate: $(VENV)/dev.stamp
	$(BIN)/python -m tests.simulation $(if $(SEED),--seed $(SEED) $(if $(SHRINK),--shrink),--first $(FIRST) --seeds $(SEEDS))

simulate-mutants: $(VENV)/dev.stamp
	$(BIN)/python -m tests.simulation --mutants search

screenshots: $(VENV)/dev.stamp var/static.stamp
	$(BIN)/python -m tests.browser.screenshots

check: $(VENV)/dev.stamp $(DATA_DIR)/secrets.env
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djade --target-version 5.2 --check $(TEMPLATES)
	$(BIN)/djlint --lint --quiet $(TEMPLATES)
	$(BIN)/oxlint --deny-warnings static/js
	$(BIN)/python manage.py makemigrations --check --dry-run

# _time.html ends without a line break: a full stop may follow it.
TEMPLATES = $(shell find templates postiz_pins/sandbox/templates -name "*.html" ! -name _time.html)

lock: $(VENV)/dev.stamp
	$(BIN)/uv pip compile pyproject.toml $(LOCK_ARGS) -o requirements/base.txt
	$(BIN)/uv pip compile pyproject.toml --extra sentry $(LOCK_ARGS) -o requirements/sentry.txt
	$(BIN)/uv pip compile pyproject.toml --extra s3 $(LOCK_ARGS) -o requirements/s3.txt
	$(BIN)/uv pip compile --group s3-server $(LOCK_ARGS) -o requirements/s3-server.txt
	$(BIN)/uv pip compile pyproject.toml --group dev $(LOCK_ARGS) -o requirements/dev.txt

release: python
	@$(PYTHON) .ci/release

LOCK_ARGS := --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	--custom-compile-command "make lock"

python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Postiz Pins needs Python 3.11 or newer; '$(PYTHON)' is missing or older. Try: make $(MAKECMDGOALS) PYTHON=python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "Python's venv module is missing. On Debian or Ubuntu: apt-get install python3-venv" >&2; exit 1; }

$(BIN)/python: | python
	$(PYTHON) -m venv $(VENV)

$(VENV)/base.stamp: requirements/base.txt | $(BIN)/python
	@echo "Installing $<"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/base.txt
	@touch $@

$(VENV)/dev.stamp: requirements/dev.txt $(VENV)/base.stamp | $(BIN)/python
	@echo "Installing $<"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/s3-server.stamp: requirements/s3-server.txt $(VENV)/dev.stamp | $(BIN)/python
	@echo "Installing $<"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/s3-server.txt
	@touch $@

$(DATA_DIR)/secrets.env: | $(VENV)/base.stamp
	@$(BIN)/python -m postiz_pins.first_start $@

# Hashing and compressing takes ten seconds, so only what has changed since is reason to do it again.
var/static.stamp: $(VENV)/base.stamp $(shell find static -type f) | $(DATA_DIR)/secrets.env
	@echo "Preparing static files"
	@$(BIN)/python manage.py collectstatic --noinput --verbosity 0
	@touch $@
