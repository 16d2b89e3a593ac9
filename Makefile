# Two commands do all the set-up: `make demo` and `make test`.
VENV := .venv
PY := $(VENV)/bin/python
STAMP := $(VENV)/.ready
# More than cores: most of a test is waiting for programs, terminals and clocks.
WORKERS ?= 4

.PHONY: demo test exhaustive mutants lint types screenshots benchmarks lock clean help

help:
	@echo "make demo         open the app on a pretend AWS account"
	@echo "make test         lint, format, types, import directions, all tests"
	@echo "make exhaustive   whole matrices of cases, of which make test runs a sample"
	@echo "make mutants      small changes to the program, and whether the tests notice (hours)"
	@echo "make screenshots  make screenshots/ again from the demo account"
	@echo "make benchmarks   run every benchmark"
	@echo "make lock         pin what pyproject.toml asks for and is not pinned yet (UPGRADE=--upgrade: the newest of all)"

$(STAMP): pyproject.toml requirements.lock tools/set_up.sh
	@tools/set_up.sh $(VENV)
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

lock: $(STAMP)
	@command -v uv >/dev/null 2>&1 || $(PY) -m pip install -q 'uv<1'
	@PATH="$$PATH:$(VENV)/bin" uv pip compile -q --universal --generate-hashes --no-header --no-annotate \
	  --python-version 3.11 --extra demo --group dev $(UPGRADE) pyproject.toml -o requirements.lock

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
