# Two commands do all the set-up: `make demo` and `make test`.
VENV := .venv
PY := $(VENV)/bin/python
STAMP := $(VENV)/.ready
WHEELS := $(VENV)/wheels/.stored
# More than cores: most of a test is waiting for programs, terminals and clocks.
WORKERS ?= 8
# Tests start the program a thousand times: it is compiled once, whatever the environment says.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: setup demo test exhaustive mutants lint types screenshots benchmarks lock clean help

help:
	@echo "make demo         open the app on a local demo account"
	@echo "make test         lint, format, types, all tests"
	@echo "make exhaustive   all cases of the test matrices (make test runs a sample)"
	@echo "make mutants      change the program in small places and list the changes that no test notices (hours)"
	@echo "make screenshots  redraw screenshots/ from the demo account"
	@echo "make setup        download what the other targets need"
	@echo "make benchmarks   run every benchmark"
	@echo "make lock         pin new dependencies of pyproject.toml (UPGRADE=--upgrade: upgrade all)"

$(STAMP): pyproject.toml requirements.lock tools/set_up.sh
	@tools/set_up.sh $(VENV)
	@touch $@

# What tests/packaging/test_wheel.py installs the program from. Where one cannot be had that test fails.
$(WHEELS): $(STAMP) tools/wheels.py
	@$(PY) tools/wheels.py $(VENV)/wheels

setup: $(STAMP) $(WHEELS)

demo: $(STAMP)
	@$(VENV)/bin/ecs-tui demo

lint: $(STAMP)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .

types: $(STAMP)
	$(VENV)/bin/mypy

test: setup lint types
	$(PY) -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

exhaustive: setup
	EXHAUSTIVE=1 $(PY) -m pytest -n $(WORKERS) --dist worksteal -m exhaustive

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
	$(PY) -m benchmarks.logs

lock: $(STAMP)
	@command -v uv >/dev/null 2>&1 || $(PY) -m pip install -q 'uv<1'
	@PATH="$$PATH:$(VENV)/bin" uv pip compile -q --universal --generate-hashes --no-header --no-annotate \
	  --python-version 3.11 --extra demo --group dev $(UPGRADE) pyproject.toml -o requirements.lock

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
