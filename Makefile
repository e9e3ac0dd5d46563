# make demo     sets up, harvests a bundled recording of a real portal, shows what came out
# make test     sets up, runs lint, types and every test
# make thorough runs the long series of nights, kills and attacked pages in full (make test: a sample of them)
# make words    brings the French of the pages to what code and templates say (see CONTRIBUTING.md)
# make clients  installs the npm packages that some tests drive (see CONTRIBUTING.md)
# make bench    measures against what you would use instead (see benchmarks/README.md)

PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
CLIENTS = tests/serve/clients
FRONT_END = hatch_build.py $(filter-out %/node_modules,$(wildcard frontend/*))
EDITOR = harvester/serve/html/static/vendor
DEMO_STORE ?= demo-catalogue

SAY_IF_PLAIN = test -e $(EDITOR)/manifest.json || \
  echo "The SPARQL page has a plain field: npm could not build its editor (CONTRIBUTING.md, The front end)"

# Tests start hundreds of processes: compiled once, their modules load in half the time.
export PYTHONDONTWRITEBYTECODE =

.PHONY: demo test lint types tests thorough words clients bench clean help

help:
	@sed -n 's/^# //p' Makefile

demo: $(VENV)/ready
	@$(BIN)/harvester demo --store $(DEMO_STORE)

test: lint types tests

lint: $(VENV)/ready-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(VENV)/ready-dev
	$(BIN)/mypy

tests: $(VENV)/ready-dev
	@# They write gigabytes that nobody reads again: into memory, where there is plenty. A failed run leaves them.
	scratch=$$(df -Pm /dev/shm 2>/dev/null | awk 'END { exit $$4 < 8000 }' && mktemp -d -p /dev/shm tests.XXXX); \
	$(BIN)/pytest -n 4 --dist worksteal $${scratch:+--basetemp=$$scratch/tests} $(PYTEST_ARGS) && rm -rf "$$scratch"

thorough: $(VENV)/ready-dev
	THOROUGH=1 $(BIN)/pytest -n 3 --dist worksteal tests/harvest tests/search tests/site

words: $(VENV)/ready-dev
	@$(BIN)/python -m tests.serve.messages

clients: $(CLIENTS)/node_modules/ready

bench: $(VENV)/ready-dev
	$(BIN)/python -m benchmarks $(BENCH_ARGS)

clean:
	rm -rf $(VENV) $(DEMO_STORE) $(EDITOR) .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist

$(CLIENTS)/node_modules/ready: $(CLIENTS)/package-lock.json
	@npm ci --prefix $(CLIENTS) --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "harvester needs Python 3.11 or later; name one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { echo "This Python has no venv module: on Debian or Ubuntu, apt install python3-venv"; exit 1; }

$(VENV)/ready: pyproject.toml $(FRONT_END) | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@$(SAY_IF_PLAIN)
	@touch $@

$(VENV)/ready-dev: pyproject.toml $(FRONT_END) | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,bench]'
	@$(SAY_IF_PLAIN)
	@touch $@ $(VENV)/ready
