# `make` lists the targets. Each one sets up what it needs: a virtual environment in .venv, made once.

PYTHON   ?=
PY       ?= python3.13
INPUT    ?=
GRAPH    ?=
VENV     := .venv
BIN      := $(VENV)/bin
PY_VENV  := .venv-py/$(notdir $(PY))
RESULTS  := benchmarks/results

DEMO_CMD  = $(BIN)/streamlab demo level --out demo-output $(if $(INPUT),--input "$$INPUT")
PYTEST    = $(BIN)/python -m pytest

# Tests run side by side, a file in one process: those of a file may share what is dear to start.
SPREAD   := -n logical --dist loadfile
# Options of `make test` that are promises: coverage of core and engine, the list of items, eight minutes.
GATES    := $(SPREAD) --cov --cov-report=term --contract-list --session-timeout=480
# A test marked `long` has an hour; property tests draw many more examples.
LONG     := -o timeout=3600 -o faulthandler_timeout=3700

export INPUT GRAPH
export PIP_DISABLE_PIP_VERSION_CHECK := 1
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo serve page page-checks browser test test-long test-py check contract docs format build clean distclean recordings bench bench-peers bench-metrics

help:  ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: $(VENV)/.stamp-demo  ## the main job: a noise survey, of a simulated microphone or of a recording: INPUT=file.wav
	@$(DEMO_CMD)

serve: $(VENV)/.stamp-serve page  ## the page: draw a graph, run it, watch it live; GRAPH=file.json opens one
	@$(BIN)/streamlab serve $(if $(GRAPH),"$$GRAPH"); code=$$?; [ $$code -eq 130 ] || exit $$code

page: | $(VENV)/bin/python  ## build the page from web/ if it is missing or old (Node 20.19 or newer)
	@$(BIN)/python hatch_build.py || echo "notice: the server runs without the page"

test: check page page-checks recordings browser  ## check, then the fast tests in random order with the coverage gate; under 8 minutes
	@$(PYTEST) -m "not long" $(GATES)

test-long: $(VENV)/.stamp-dev page recordings browser  ## the tests that take minutes
	@$(PYTEST) -m long --hypothesis-profile=long $(LONG)

test-py: $(PY_VENV)/.stamp-dev recordings  ## the fast tests on another Python: PY=python3.13 (the default)
	@$(PY_VENV)/bin/python -m pytest -m "not long" $(SPREAD)

check: $(VENV)/.stamp-dev  ## lint, format, types, layers, doctests
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet || { echo "make format mends this"; exit 1; }
	@$(BIN)/mypy --no-error-summary
	@log=$$($(BIN)/lint-imports 2>&1) || { echo "$$log"; exit 1; }
	@$(PYTEST) -q --no-header -p no:randomly --doctest-modules src
	@echo "check: lint, format, types, layers and doctests are in order"

contract: $(VENV)/.stamp-dev page recordings browser  ## every item of the contract with its tests and result, long ones included
	@$(PYTEST) -m contract --contract-report $(LONG)

docs: $(VENV)/.stamp-dev  ## write what the documents say of the node types, from the code
	@$(BIN)/python tools/node_docs.py

bench: $(VENV)/.stamp-dev  ## speed against its goals, into docs/performance.md; ten minutes on a machine that does nothing else
	@$(BIN)/streamlab bench --full -o $(RESULTS)/bench.json; code=$$?; [ $$code -le 1 ] || exit $$code; \
	$(BIN)/python benchmarks/where_time_goes.py && $(BIN)/python benchmarks/report.py && exit $$code

bench-peers: $(VENV)/.stamp-dev  ## the same chain in ezmsg, csp and streamz, each in an environment of its own
	@$(BIN)/python benchmarks/peers.py
	@$(BIN)/python benchmarks/report.py

bench-metrics: $(VENV)/.stamp-dev  ## the same metrics in acoular, phonometry and MoSQITo, each in an environment of its own
	@$(BIN)/python benchmarks/metrics_peers.py
	@$(BIN)/python benchmarks/report.py

format: $(VENV)/.stamp-dev  ## put the code in order
	@$(BIN)/ruff check --fix --quiet || true
	@$(BIN)/ruff format

build: $(VENV)/.stamp-dev  ## wheel and source archive in dist/
	@$(BIN)/python -m build --no-isolation

clean:  ## remove what running things has written
	@rm -rf build dist demo-output htmlcov .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find src tests tools -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

distclean: clean  ## clean, and remove the environments
	@rm -rf .venv .venv-py .venv-peers web/node_modules src/streamlab/server/_web

recordings:
	@tools/test-recordings.sh

browser:
	@tools/browser.sh

page-checks:
	@tools/page-checks.sh

# Set-up by stamps. The environment for `demo` holds what a user installs, the one for development everything.
$(VENV)/bin/python:
	@tools/venv.sh $(VENV) $(PYTHON)

$(PY_VENV)/bin/python:
	@tools/venv.sh $(PY_VENV) $(PY)

%/.stamp-demo: pyproject.toml constraints.txt | %/bin/python
	@echo "set-up: StreamLab and what it needs (a minute, once)"
	@STREAMLAB_SKIP_WEB=1 $*/bin/python -m pip install -q -c constraints.txt -e '.[plot]'
	@touch $@

# The page has a target of its own: an install need not build it again.
%/.stamp-serve: pyproject.toml constraints.txt | %/bin/python
	@echo "set-up: StreamLab with its page's server (half a minute, once)"
	@STREAMLAB_SKIP_WEB=1 $*/bin/python -m pip install -q -c constraints.txt -e '.[server,files,plot]'
	@touch $@

%/.stamp-dev: pyproject.toml constraints.txt | %/bin/python
	@echo "set-up: StreamLab with the tools for development (a minute or two, once)"
	@STREAMLAB_SKIP_WEB=1 $*/bin/python -m pip install -q -c constraints.txt -e '.[dev]'
	@touch $*/.stamp-demo $*/.stamp-serve $@
