# GNU make 3.81 is enough. Needs Python >= 3.11 with pip and venv; nothing else is asked for.
PYTHON ?= python3
UV ?= uv
SEED ?= 1

BIN := .venv/bin
MAILMAN := build/mailman-venv
RADICALE := build/radicale-venv
TRYTON := build/tryton-venv
# The locks are complete: --no-deps keeps older pips from stumbling over extras they did not find pinned.
PIP := -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps

# Without compiled files every start of dsr would be slower.
unexport PYTHONDONTWRITEBYTECODE

PYTEST := DSR_TEST_SEED=$(SEED) $(BIN)/pytest --hypothesis-seed=$(SEED)
# Three runs side by side, though two processors do: many tests wait, for a database, a browser, a late answer.
# What connectors do does not count for coverage.
# Three runs of about the same length: some connectors are with the others because they take longest.
OF_REST := $(wildcard tests/connectors/test_salesforce*.py)
OF_PAGES := $(wildcard tests/connectors/test_hubspot*.py tests/connectors/test_zoho*.py)
CONNECTORS := tests/connectors
PAGES := tests/chaos tests/engine tests/servers tests/web $(OF_PAGES)
OF_CONNECTORS := $(filter-out $(OF_REST) $(OF_PAGES),$(wildcard $(CONNECTORS)/test_*.py))
REST := tests $(OF_CONNECTORS:%=--ignore=%) $(PAGES:%=--ignore=%)
RUN := -m "not bench" --durations=10
COUNTED := --cov --cov-report=
COMPILE := $(UV) pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11

.PHONY: help run demo test lint servers bench chaos mutants audit lock clean

help:
	@echo "make run      set up, then portal, desk and worker with demo systems on 127.0.0.1"
	@echo "make demo     one case of each right down the whole road, in a throw-away instance"
	@echo "make test     every gate and every test; writes build/evidence.json"
	@echo "make lint     ruff, mypy and import-linter alone"
	@echo "make bench    the speed table"
	@echo "make chaos    100 kills for each configuration (SEED=n repeats a run)"
	@echo "make mutants  breaks each safety rule and checks that a test notices"
	@echo "make audit    looks for known vulnerabilities in the locked packages"
	@echo "make lock     writes the lock files again (needs uv; UPGRADE=--upgrade takes newer versions)"
	@echo "make clean    removes what make has built; instance/ is left alone"
	@echo "PYTHON=python3.12 chooses the Python"

run: .venv/.run
	$(BIN)/dsr serve --demo

demo: .venv/.run
	$(BIN)/dsr demo

test: lint servers
	@mkdir -p build
	@echo "three runs side by side; what two of them say ($(CONNECTORS) $(PAGES)) comes at the end"
	@rm -f build/coverage-*; \
	$(PYTEST) $(OF_CONNECTORS) $(RUN) --evidence=build/evidence-connectors.json \
	    >build/connectors.log 2>&1 & connectors=$$!; \
	COVERAGE_FILE=build/coverage-pages $(PYTEST) $(PAGES) $(RUN) $(COUNTED) \
	    --evidence=build/evidence-pages.json >build/pages.log 2>&1 & pages=$$!; \
	COVERAGE_FILE=build/coverage-rest $(PYTEST) $(REST) $(RUN) $(COUNTED) \
	    --evidence=build/evidence-rest.json; code=$$?; \
	wait $$connectors || code=1; wait $$pages || code=1; cat build/connectors.log build/pages.log; \
	$(BIN)/coverage combine --quiet build/coverage-pages build/coverage-rest || code=1; \
	$(BIN)/coverage report --skip-covered --fail-under=95 || code=1; \
	$(BIN)/python tests/merging.py build/evidence.json \
	    $(foreach run,connectors pages rest,build/evidence-$(run).json) || code=1; exit $$code

lint: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# What the live tiers need beside the virtual environment. A part that cannot be had is reported by
# the tests that miss it: skipped with the reason, failed when CI is set.
servers: .venv/.dev $(MAILMAN)/.ready $(RADICALE)/.ready $(TRYTON)/.ready
	@sh tests/servers/install.sh
	@PYTHONPATH=tests $(BIN)/python -c "from servers import tryton; tryton.prepared()"

bench: servers
	$(PYTEST) -m bench -s tests

chaos: servers
	DSR_TEST_KILLS=100 $(PYTEST) -m chaos -s --evidence=build/chaos.json tests/chaos

mutants: servers
	$(BIN)/python tests/mutants/run.py

audit: .venv/.dev
	$(BIN)/pip-audit --disable-pip --require-hashes -r requirements-dev.lock

lock:
	$(COMPILE) $(UPGRADE) pyproject.toml --group build -o requirements.lock
	$(COMPILE) $(UPGRADE) pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock
	$(COMPILE) $(UPGRADE) --group pyproject.toml:mailman -o requirements-mailman.lock
	$(COMPILE) $(UPGRADE) --group pyproject.toml:radicale -o requirements-radicale.lock
	$(COMPILE) $(UPGRADE) --group pyproject.toml:tryton -o requirements-tryton.lock

clean:
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "Python 3.11 or newer is needed and $(PYTHON) is not. Try: make PYTHON=python3.12 <target>" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || { \
	    echo "$(PYTHON) cannot make a virtual environment. On Debian: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv .venv

.venv/.run: $(BIN)/python requirements.lock pyproject.toml
	$(BIN)/python $(PIP) -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

.venv/.dev: .venv/.run requirements-dev.lock
	$(BIN)/python $(PIP) -r requirements-dev.lock
	touch $@

# Its own environment, because Mailman needs an older SQLAlchemy.
$(MAILMAN)/.ready: requirements-mailman.lock $(BIN)/python
	rm -rf $(MAILMAN)
	mkdir -p build
	$(BIN)/python -m venv $(MAILMAN)
	$(MAILMAN)/bin/python $(PIP) -r requirements-mailman.lock
	touch $@

$(RADICALE)/.ready: requirements-radicale.lock $(BIN)/python
	rm -rf $(RADICALE)
	mkdir -p build
	$(BIN)/python -m venv $(RADICALE)
	$(RADICALE)/bin/python $(PIP) -r requirements-radicale.lock
	touch $@

$(TRYTON)/.ready: requirements-tryton.lock $(BIN)/python
	rm -rf $(TRYTON)
	mkdir -p build
	$(BIN)/python -m venv $(TRYTON)
	$(TRYTON)/bin/python $(PIP) -r requirements-tryton.lock
	touch $@
