# Needs Python 3.11 or newer, git and make. Everything else goes into .venv; `make run` and open http://127.0.0.1:8000.

PYTHON ?= python3
BIN := .venv/bin
CODE := config portal search tests wsgi.py
CATALOGS := $(patsubst %.po,%.mo,$(wildcard portal/translations/*/LC_MESSAGES/*.po))

export FLASK_APP := wsgi
export PORT ?= 8000
export PYTHONUNBUFFERED := 1

.DEFAULT_GOAL := help
.PHONY: help run test check bench elastic screenshot clean

help:
	@echo 'make run         the portal with 3,000 fictional suppliers at http://127.0.0.1:$(PORT)'
	@echo 'make test        all tests; ARGS="-k name" chooses'
	@echo 'make check       style, types, import rules, translations, migrations, catalogue'
	@echo 'make bench       figures; SIZE=1000000 measures Elasticsearch at that many suppliers'
	@echo 'make elastic     a local Elasticsearch; prints the SEARCH_URL to use'
	@echo 'make screenshot  pictures of the pages in screenshots/'
	@echo 'make clean       remove what the above made, data in instance/ excepted'

run: .venv/.runtime $(CATALOGS)
	$(BIN)/flask db upgrade
	$(BIN)/flask sample load --size 3000 --seed 1 --if-empty
	$(BIN)/flask accounts demo
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/honcho start --port $(PORT)

test: .venv/.dev $(CATALOGS)
	$(BIN)/pytest -n 2 --dist loadgroup $(ARGS)

# In a folder of its own: neither what is in instance/ nor a database that is set elsewhere is touched.
check: export DATA_DIR := $(CURDIR)/.cache/check
check: export DATABASE_URL :=
check: export SEARCH_URL :=
check: .venv/.dev $(CATALOGS)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(CODE)
	$(BIN)/lint-imports --no-logo
	$(BIN)/flask translations check
	$(BIN)/flask catalogue check
	rm -rf $(DATA_DIR)
	$(BIN)/flask db upgrade
	$(BIN)/flask db check

bench: .venv/.dev $(CATALOGS)
	$(BIN)/python -m tests.benchmarks

elastic: .venv/.dev
	@$(BIN)/python -m tests.servers.elastic

screenshot: .venv/.dev $(CATALOGS)
	$(BIN)/python -m tests.browser.screenshots

clean:
	rm -rf .venv .cache .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis screenshots $(CATALOGS)
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Debian parts `venv` from Python. Without python3-venv a pip that is there all the same can fill the environment.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo '$(PYTHON) is missing or older than 3.11; PYTHON=/path/to/python names another.' >&2; exit 1; }
	@$(PYTHON) -m venv .venv >/dev/null 2>&1 || \
	  { $(PYTHON) -m venv --clear --without-pip .venv && $(PYTHON) -m pip --python $@ install --quiet pip; } 2>/dev/null || \
	  { rm -rf .venv; echo 'Python cannot make a virtual environment: apt install python3-venv' >&2; exit 1; }

.venv/.runtime: requirements.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

.venv/.dev: requirements-dev.txt .venv/.runtime
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

%.mo: %.po | .venv/.runtime
	$(BIN)/pybabel --quiet compile --input-file $< --output-file $@
