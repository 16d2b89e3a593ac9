# Two commands do all the set-up: `make demo` and `make test`.
VENV := .venv
PY := $(VENV)/bin/python
STAMP := $(VENV)/.ready
WORKERS ?= 2

.PHONY: demo test exhaustive mutants lint types screenshots benchmarks clean help

help:
	@echo "make demo         open the app on a pretend AWS account"
	@echo "make test         lint, format, types, import directions, all tests"
	@echo "make exhaustive   whole matrices of cases, of which make test runs a sample"
	@echo "make mutants      small changes to the program, and whether the tests notice (hours)"
	@echo "make screenshots  make screenshots/ again from the demo account"
	@echo "make benchmarks   run every benchmark"

$(STAMP): pyproject.toml
	@if command -v uv >/dev/null 2>&1; then \
	  uv venv -q --allow-existing $(VENV) && uv pip install -q --python $(PY) -e '.[demo]' --group dev; \
	elif python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	  && python3 -m venv $(VENV) 2>/dev/null; then \
	  $(PY) -m pip install -q --upgrade 'pip>=25.1' && $(PY) -m pip install -q -e '.[demo]' --group dev; \
	else \
	  echo "Python 3.11 or newer with its venv module is needed: install python3 and python3-venv, or uv." >&2; \
	  exit 1; \
	fi
	@touch $@

demo: $(STAMP)
	@$(VENV)/bin/ecs-tui demo

lint: $(STAMP)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .

types: $(STAMP)
	$(VENV)/bin/mypy

test: lint types
	$(PY) -m pytest -n $(WORKERS) --dist loadfile

exhaustive: $(STAMP)
	EXHAUSTIVE=1 $(PY) -m pytest -n $(WORKERS) -m exhaustive

mutants: $(STAMP)
	test -e .mutants/reached.json || $(PY) -m tests.mutants record
	$(PY) -m tests.mutants run
	$(PY) -m tests.mutants table

screenshots: $(STAMP)
	$(PY) -m tests.screenshots

benchmarks: $(STAMP)
	$(PY) -m benchmarks.startup
	$(PY) -m benchmarks.exec
	$(PY) -m benchmarks.terminal

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
