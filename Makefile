# make run   sets everything up and starts Postiz Pins           make test   the whole test suite
# make bench the benchmarks of docs/performance.md               make check  linters, types, layers
# make simulate SEEDS=…  random lives of pins (docs/simulation.md)
# make screenshots  the pictures of README.md anew, and every page to look at (var/screenshots)
# make lock  pins the dependencies anew from pyproject.toml      make release  may this commit be released?

PYTHON ?= python3
# As many workers as cores; each gets whole modules (tests/conftest.py).
PYTEST_ARGS ?= --numprocesses=auto --dist=loadscope
DATA_DIR ?= var
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test bench simulate simulate-mutants screenshots check lock release python
.DEFAULT_GOAL := run

run: var/static.stamp
	@exec $(BIN)/python manage.py run

test: $(VENV)/dev.stamp var/static.stamp
	$(BIN)/python -m pytest $(PYTEST_ARGS)

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
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/djade --target-version 5.2 --check $(TEMPLATES)
	$(BIN)/djlint --lint --quiet $(TEMPLATES)
	$(BIN)/oxlint --deny-warnings static/js
	$(BIN)/python manage.py makemigrations --check --dry-run

# _time.html ends without a line break: a full stop may follow it.
TEMPLATES = $(shell find templates postiz_pins/sandbox/templates -name "*.html" ! -name _time.html)

lock: $(VENV)/dev.stamp
	$(BIN)/uv pip compile pyproject.toml $(LOCK_ARGS) -o requirements/base.txt
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

$(DATA_DIR)/secrets.env: | $(VENV)/base.stamp
	@$(BIN)/python -m postiz_pins.first_start $@

# Hashing and compressing takes ten seconds, so only what has changed since is reason to do it again.
var/static.stamp: $(VENV)/base.stamp $(shell find static -type f) | $(DATA_DIR)/secrets.env
	@echo "Preparing static files"
	@$(BIN)/python manage.py collectstatic --noinput --verbosity 0
	@touch $@
