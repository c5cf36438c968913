# Two commands on a fresh machine: `make demo` shows the main job, `make test` proves it.
# Both set up what they need first, may be run in any order and again, and need no network then.

PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/installed
PYTEST := $(BIN)/python -m pytest
# each worker starts servers of its own
PARALLEL := -n auto --maxprocesses 8
CORPUS := ../shared/corpus
# images for containers set it; then each of the tests' many starts compiles every module anew
unexport PYTHONDONTWRITEBYTECODE
# what runs for hours and has targets of its own, or belongs to that
PROOFS := bench/desk.py bench/failpoints.py bench/fuzz.py bench/memory.py bench/soak.py bench/stories.py

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-fast faults crashes soak fuzz stories check format score bench constraints servers

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

setup: $(INSTALLED) ## make .venv with everything mailflow, its demo and its tests need

$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "mailflow needs Python 3.11 or newer; name one: make PYTHON=/path/to/python3 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || .ci/install python3-venv
	$(BIN)/python -c 'import pip' 2>/dev/null || $(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --use-pep517 -c constraints.txt -e '.[test]'
	@touch $@

demo: setup ## the main job on a mail world of its own: no root, no server, under a minute
	$(BIN)/python -m mailflow.demo

test: setup servers check ## everything, real mail servers and databases included
	$(PYTEST) $(PARALLEL) --dist loadfile --no-loadscope-reorder

test-fast: setup ## what needs no server, in seconds
	$(PYTEST) $(PARALLEL) tests/core tests/shell tests/reading tests/flow

faults: setup servers ## every row of the fault matrix, and whatever else is left to the night
	$(PYTEST) $(PARALLEL) --dist load tests/faults -m "nightly or not nightly" --timeout 1800
	$(PYTEST) $(PARALLEL) --dist load tests --ignore tests/faults -m nightly

# POINTS=50 kills at fifty of each kind; without it at all, which takes four hours or more
crashes: setup servers ## kill mailflow at every point of its work, on both databases
	@command -v strace > /dev/null || .ci/install strace
	$(BIN)/python -m bench.crashes --points $(or $(POINTS),0)
	$(BIN)/python -m bench.crashes --points $(or $(POINTS),0) --kinds logical --without-move

# KILLS=no lets one process live throughout: only then is it surely judged whether its memory grows
soak: setup servers ## an hour of mail with a fault a minute, on SQLite; MINUTES=2 for a look
	$(BIN)/python -m bench.soak --minutes $(or $(MINUTES),60) $(if $(filter no,$(KILLS)),--no-kills)

fuzz: setup ## mutated mails for an hour; SECONDS=60 for a look
	$(BIN)/python -m bench.fuzz $(or $(SECONDS),3600)

# DESK=yes: half of the orders at the command line; REFUSED=yes: servers that refuse at once
stories: setup ## a hundred stories that chance writes, a loss of the database in each; COUNT=10 for a look
	$(BIN)/python -m bench.stories --count $(or $(COUNT),100) $(if $(DESK),--desk) $(if $(REFUSED),--refused)

check: setup ## format, lint, types
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m ruff check .
	$(BIN)/python -m mypy

format: setup ## put the code into its format
	$(BIN)/python -m ruff check --fix .
	$(BIN)/python -m ruff format .

# the servers the tests start privately; their system services stay off
servers:
	@missing=$$(tests/real/missing-packages) && { test -z "$$missing" || .ci/install $$missing; }

score: setup ## how well mails are read, against the corpus beside this repository
	$(BIN)/python $(CORPUS)/score.py $(CORPUS) --inspect "$(BIN)/mailflow inspect"

bench: setup servers ## latency, throughput and memory
	for program in $(filter-out $(PROOFS),$(wildcard bench/*.py)); do $(BIN)/python "$$program" || exit 1; done

constraints: ## bring constraints.txt up to date (needs uv)
	uv pip compile pyproject.toml --extra test --universal --python-version 3.11 \
	    --upgrade --no-header --no-annotate --quiet --output-file constraints.txt
