# `make check` and `make test` are all a newcomer needs, with python3 (3.11 to 3.14), git and make.

BIN := .venv/bin
PYTEST_ARGS :=
BENCH_ARGS :=

.PHONY: help check test bench setup constraints clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1: /p' Makefile

check: setup ## check proto-schemas/ with schemactl
	$(BIN)/schemactl check -C proto-schemas

test: setup ## lint, types, import layers and tests (PYTEST_ARGS='-k name' runs some)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest $(PYTEST_ARGS)

bench: setup ## measure the performance budget against Buf (SCHEMACTL_CORPORA: clones; BENCH_ARGS='--only start,small')
	$(BIN)/python bench/run.py $(BENCH_ARGS)

setup: ## make .venv, or leave it alone if it is up to date
	@sh .ci/setup

constraints: ## pin everything anew from pyproject.toml (needs the network)
	@sh .ci/constraints

clean: ## remove what the other targets made
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis dist
