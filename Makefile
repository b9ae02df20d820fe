# make help lists the targets. Every target sets itself up.
PYTHON ?= python3
PREFIX ?= ./prefix
VENV := .venv
# The date of what is built: the last commit's.
EPOCH = $(shell git log -1 --format=%ct)

.PHONY: help setup run test slow bench lint man differences dist clean

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

bench: setup ## compare with peers on this machine
	@$(VENV)/bin/python -m tests.bench

man: setup ## make the manual pages and the completions, in build/share
	@SOURCE_DATE_EPOCH=$(EPOCH) $(VENV)/bin/python -m dirserv.manual.files build/share

differences: setup ## bring docs/differences.md up to date
	@$(VENV)/bin/python -m dirserv.manual.differences

dist: setup ## make the source distribution and the wheel, in dist
	@SOURCE_DATE_EPOCH=$(EPOCH) $(VENV)/bin/python -m build --no-isolation

lint: setup ## check the code's style
	@$(VENV)/bin/ruff check .

clean: ## remove what the other targets made, except the prefix
	rm -rf $(VENV) .cache .pytest_cache .hypothesis build dist *.egg-info
