# make help lists the targets. Every target sets itself up.
PYTHON ?= python3
PREFIX ?= ./prefix
VENV := .venv
# How long `make faults` and `make fuzz` run each target.
FUZZ_SECONDS ?= 30
# The date of what is built: the last commit's.
EPOCH = $(shell git log -1 --format=%ct)

.PHONY: help setup run test slow faults fuzz clients bench evidence fresh lint man differences dist clean

help: ## show this
	@sed -n 's/^\([a-z]*\):.*## /\1	/p' Makefile

setup: $(VENV)/ready ## make .venv with the package and the test tools

$(VENV)/ready: pyproject.toml
	@sh tests/setup.sh "$(PYTHON)" "$(VENV)"
	@touch $@

run: setup ## rehearse the Nix installer's account phase in $(PREFIX)
	@$(VENV)/bin/darling-dirserv rehearse --root "$(PREFIX)"

test: setup ## run the fast tests, in parallel
	@$(VENV)/bin/python -m pytest -n auto

slow: setup ## run the slow tests
	@$(VENV)/bin/python -m pytest -n auto -m slow

faults: setup ## kills, failing disks, storms, attacks and fuzzing, all of it (FUZZ_SECONDS=30)
	@FUZZ_SECONDS=$(FUZZ_SECONDS) $(VENV)/bin/python -m pytest -n auto -m "slow or not slow" \
		tests/faults tests/fuzz

fuzz: setup ## random input for everything that parses (FUZZ_SECONDS=30 for each target)
	@FUZZ_SECONDS=$(FUZZ_SECONDS) $(VENV)/bin/python -m pytest -n auto tests/fuzz

clients: setup ## run every real client, also the slow ones
	@$(VENV)/bin/python -m pytest -n auto -m "slow or not slow" tests/clients tests/nixinstall \
		tests/sandbox/clients

bench: setup ## compare with peers on this machine (BENCH="cold scale" for some)
	@$(VENV)/bin/python -m tests.bench $(BENCH)

evidence: setup ## run all suites and benchmarks; write docs/evidence.md and docs/clients.md
	@PYTHON="$(VENV)/bin/python" sh tests/evidence/run.sh build/evidence

fresh: setup ## run the README's commands on a clean Debian (root)
	@$(VENV)/bin/python -m pytest -m slow tests/fresh -k "quick or behind"

man: setup ## make the manual pages and the completions, in build/share
	@SOURCE_DATE_EPOCH=$(EPOCH) $(VENV)/bin/python -m dirserv.manual.files build/share

differences: setup ## bring docs/differences.md up to date
	@$(VENV)/bin/python -m dirserv.manual.differences

dist: setup ## make the source distribution and the wheel, in dist
	@SOURCE_DATE_EPOCH=$(EPOCH) $(VENV)/bin/python -m build --no-isolation

lint: setup ## check the code's style and types
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/mypy

clean: ## remove what the other targets made, except the prefix
	rm -rf $(VENV) .cache .pytest_cache .hypothesis build dist *.egg-info
