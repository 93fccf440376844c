# Everything Tidan needs to run, be tested and be measured.
# Needs make and Python 3.11 or later; each target makes .venv from the hash-pinned lock by itself.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# The newest Python on the path that is new enough; name another with: make run PYTHON=/path/to/python
PYTHON ?= $(shell for candidate in python3.14 python3.13 python3.12 python3.11 python3 python; do \
  "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
  && { command -v "$$candidate"; break; }; done)

BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# Keep compiled sources also where the surroundings say not to: each of the many processes that the
# demo, tests and benchmarks start would compile all of them anew.
unexport PYTHONDONTWRITEBYTECODE
DATA ?= tidan-data
NODES ?= 4
SEED ?= 1
COUNT ?= 100
ROUNDS ?= 1
SEEDS ?= 100
BATCHES ?= 5
WORKERS ?= auto
SECONDS ?= 60
ARGS ?=

.PHONY: help demo run test bench bench-peers bench-growth lighthouse check lint types layers style installed format simulate planted replay coverage spread vectors docs translations lock clean container image drills fuzz power-cuts kills mutants exhaustion processes

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'
	@echo
	@echo '  Settings: NODES=15 (demo), DATA=folder (run), SEED=1 COUNT=100 (simulate, drills, replay), SECONDS=60 (fuzz, exhaustion), ARGS="…" (test, container, bench…, demo, run)'

demo: .venv/.installed ## A small Skaraborg on this machine, from port 8480 upwards
	$(BIN)/tidan demo --nodes $(NODES) $(ARGS)

run: .venv/.installed ## One node in DATA; the first time it is set up with example values
	@if [ ! -d '$(DATA)' ]; then \
	  echo 'Setting up a node in $(DATA)/ (to choose name and code yourself: $(BIN)/tidan init --help)'; \
	  $(BIN)/tidan --data '$(DATA)' init --name 'Exempel kommun' --code 0000 --port 8480; \
	fi
	$(BIN)/tidan --data '$(DATA)' serve $(ARGS)

test: installed ## All tests this machine can run, files side by side
	$(BIN)/python -m pytest --numprocesses $(WORKERS) $(ARGS)

image: .venv/.installed-dev ## The image alone, in a storage of its own (needs what `container` does)
	PYTHONPATH=tests/container $(BIN)/python -m container_engine

container: .venv/.installed-dev ## The image, built and tried as three containers (needs root, podman, mmdebstrap)
	$(BIN)/python -m pytest tests/container $(ARGS)

bench: .venv/.installed-dev ## Every figure Tidan is held to, with real nodes, sockets and databases
	$(BIN)/python -m tests.benchmarks.run $(ARGS)

bench-peers: .venv/.installed-dev .peers/.installed ## The same work by hypercore and Scuttlebutt, and the ratios
	$(BIN)/python -m tests.benchmarks.peers $(ARGS)

bench-growth: .venv/.installed-dev ## How cost grows with entries, logs and neighbours: table and plot
	$(BIN)/python -m tests.benchmarks.growth $(ARGS)

lighthouse: .venv/.installed-dev .lighthouse/.installed ## Lighthouse's marks for four pages of a full node
	$(BIN)/python -m tests.benchmarks.lighthouse $(ARGS)

check: lint types layers style ## Lint, format, types, layers and style

lint: .venv/.installed-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/bandit --quiet --recursive --configfile pyproject.toml node protocol storage

types: .venv/.installed-dev
	$(BIN)/mypy

layers: .venv/.installed-dev
	$(BIN)/lint-imports

style: .venv/.installed-dev
	$(BIN)/python -m pytest -q tests/unit/test_style.py tests/unit/test_documented.py

# What the tests need, without running them; the parts can be installed side by side.
installed: .venv/.installed-dev .venv-interop/.installed .checkers/.installed

format: .venv/.installed-dev ## Rewrite the sources as check wants them
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

simulate: .venv/.installed-dev ## Whole networks under faults: SEED=first seed, COUNT=how many
	$(BIN)/python -m tests.simulation.simulate --seed $(SEED) --count $(COUNT) $(ARGS)

drills: .venv/.installed-dev ## Thefts, losses, old backups and copies of a municipality's identity: COUNT of each
	$(BIN)/python -m tests.simulation.drill_run --seed $(SEED) --count $(COUNT) $(ARGS)

planted: .venv/.installed-dev ## Plant every known bug and count the seeds that catch it (bounded: SEEDS, BATCHES)
	$(BIN)/python -m tests.simulation.planted_run --seeds $(SEEDS) --batches $(BATCHES) $(ARGS)

replay: .venv/.installed-dev ## Recorded traces of the simulator against a real node over sockets: SEED, COUNT
	$(BIN)/python -m tests.simulation.replay_run --seed $(SEED) --count $(COUNT) $(ARGS)

coverage: .venv/.installed-dev ## Branch coverage of protocol/ by its own tests; fails below 100 %
	$(BIN)/python -m tests.protocol_coverage $(ARGS)

mutants: .venv/.installed-dev .mutants/.installed ## Small faults put into protocol/, one at a time: do its tests notice? SEED, COUNT
	PYTHONPATH=.:.mutants $(BIN)/python -m tests.mutants.mutants --seed $(SEED) --count $(COUNT) $(ARGS)

fuzz: .venv/.installed-dev .fuzz/.installed ## Bytes that nobody meant for all that reads from outside, for SECONDS=60 in all
	PYTHONPATH=.:tests $(BIN)/python -m tests.fuzz.fuzzing --seconds $(SECONDS) $(ARGS)

spread: .venv/.installed-dev ## All 290 municipalities: how a record spreads; writes the figures in docs/network.md
	$(BIN)/python -m tests.simulation.spread_run $(ARGS)

power-cuts: .venv/.installed-dev ## The power cut at every moment of a node's work (needs strace): SEED=…, COUNT=how many
	$(BIN)/python -m tests.power.power_cuts --seed $(SEED) --count $(COUNT) $(ARGS)

kills: .venv/.installed-dev ## Nodes and database servers killed under load: SEED=…, COUNT=how many on each database
	$(BIN)/python -m tests.kills.kills --seed $(SEED) --count $(COUNT) $(ARGS)

exhaustion: .venv/.installed-dev ## A hostile neighbour for SECONDS, then 2,000 sessions and 50 neighbours, at one node
	PYTHONPATH=.:tests $(BIN)/python -m tests.exhaustion.exhaustion --seconds $(SECONDS) $(ARGS)

processes: .venv/.installed-dev ## Versions side by side, read-only disks, cut networks, jumping clocks, stolen keys (needs root): SEED, ROUNDS
	PYTHONPATH=.:tests $(BIN)/python -m tests.processes.real_processes --seed $(SEED) --rounds $(ROUNDS) $(ARGS)

vectors: .venv/.installed-dev ## Write the protocol's test vectors anew; the tree must stay unchanged
	$(BIN)/python -m tests.vectors.generate

docs: .venv/.installed-dev ## Write docs/errors.md and the figures of docs/reliability.md anew from what they are made of
	$(BIN)/python -m tests.errors_page
	$(BIN)/python -m tests.reliability_page

translations: .venv/.installed-dev ## Bring the catalogs up to date with the texts of the pages
	$(BIN)/python -m tests.translations

lock: .venv/.installed-dev ## Pin the newest allowed version of every dependency
	$(BIN)/pip-compile --quiet --upgrade --extra build --output-file requirements.lock pyproject.toml
	$(BIN)/pip-compile --quiet --upgrade --constraint requirements.lock --extra build --extra test --extra dev --output-file requirements-dev.lock pyproject.toml
	$(BIN)/pip-compile --quiet --upgrade --config pyproject.toml --output-file docker/sbom.lock docker/sbom.in

clean: ## Remove what the tools left; never a node's data
	rm -rf .venv .venv-interop .fuzz .mutants .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis \
	  build dist ./*.egg-info bench-results .peers .checkers .lighthouse .container
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A virtual environment that starts; one left behind by another Python is made anew.
.venv/.made:
	@if [ -z '$(PYTHON)' ]; then \
	  echo 'Tidan needs Python 3.11 or later, and none was found.' >&2; \
	  echo 'Install one, or say where it is: make PYTHON=/path/to/python3 …' >&2; exit 1; fi
	@if ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
	  echo 'Making .venv with $(PYTHON)'; \
	  '$(PYTHON)' -m venv --clear .venv || { \
	    rm -rf .venv; \
	    echo 'This Python cannot make a virtual environment.' >&2; \
	    echo 'On Debian and Ubuntu: apt install python3-venv' >&2; exit 1; }; fi
	@touch $@

# Exactly the pinned files, or nothing; the project itself is linked, so edits take effect at once.
.venv/.installed: .venv/.made requirements.lock pyproject.toml
	@echo 'Installing what Tidan runs on'
	@$(INSTALL) --require-hashes -r requirements.lock
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.installed-dev: .venv/.installed requirements-dev.lock
	@echo 'Installing what the tests and checks need'
	@$(INSTALL) --require-hashes -r requirements-dev.lock
	@touch $@

# An independent COSE library, apart from ours because it wants an older cbor2.
.venv-interop/.installed: .venv/.made tests/interop/requirements.lock tests/interop/shapes.lock
	@$(BIN)/python -m venv .venv-interop
	@.venv-interop/bin/python -m pip install --quiet --disable-pip-version-check \
	  --require-hashes -r tests/interop/requirements.lock
	@.venv-interop/bin/python -m pip install --quiet --disable-pip-version-check \
	  --no-deps --require-hashes -r tests/interop/shapes.lock
	@touch $@

# The fuzzer, in a folder of its own: it has wheels for some versions of Python only.
.fuzz/.installed: .venv/.made tests/fuzz/requirements.lock
	@$(INSTALL) --require-hashes --no-deps --upgrade --target .fuzz -r tests/fuzz/requirements.lock
	@mkdir -p .fuzz && touch $@

# What makes the mutants, in a folder of its own: nothing else needs it.
.mutants/.installed: .venv/.made tests/mutants/requirements.lock
	@$(INSTALL) --require-hashes --no-deps --upgrade --target .mutants -r tests/mutants/requirements.lock
	@touch $@

# What pages are judged by, what they are marked by, and what bench-peers measures against, exactly as
# locked; no script of a package is run. Without npm the tests of pages are left out and say so.
.checkers/.installed: tests/browser/package.json tests/browser/package-lock.json
	@if command -v npm >/dev/null; then $(call install_locked,.checkers,$^); fi

.lighthouse/.installed: tests/benchmarks/lighthouse/package.json tests/benchmarks/lighthouse/package-lock.json
	@$(call need_npm,lighthouse)
	@$(call install_locked,.lighthouse,$^)

.peers/.installed: tests/benchmarks/peers/package.json tests/benchmarks/peers/package-lock.json
	@$(call need_npm,bench-peers)
	@$(call install_locked,.peers,$^)

need_npm = command -v npm >/dev/null || { echo '$(1) needs Node.js 20 or later with npm' >&2; exit 1; }
install_locked = mkdir -p $(1) && cp $(2) $(1) \
  && npm ci --prefix $(1) --ignore-scripts --no-audit --no-fund --loglevel=error && touch $(1)/.installed
