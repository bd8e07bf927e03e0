# `make check` and `make test` are all a newcomer needs, with python3 (3.11 to 3.14), git and make.

BIN := $(if $(filter Windows_NT,$(OS)),.venv/Scripts,.venv/bin)
PYTEST_ARGS :=
BENCH_ARGS :=

.PHONY: help check test test-portable test-oldest test-newest docs bench setup constraints clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1: /p' Makefile

check: setup ## check proto-schemas/ with schemactl
	$(BIN)/schemactl check -C proto-schemas

test: setup ## lint, types, import layers and tests (PYTEST_ARGS='-k name' runs some)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n auto --dist loadfile $(PYTEST_ARGS)

test-portable: ## the tests that need nothing of POSIX: what CI runs on macOS and Windows
	@sh .ci/portable

test-oldest: setup ## the tests with the oldest dependencies that pyproject.toml allows (needs the network)
	@sh .ci/dependencies oldest $(PYTEST_ARGS)

test-newest: setup ## the tests with the newest ones, whatever constraints.txt pins (needs the network)
	@sh .ci/dependencies newest $(PYTEST_ARGS)

docs: setup ## build the site of docs/ into site/; a broken link or anchor fails
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

bench: setup ## measure the performance budget against Buf (SCHEMACTL_CORPORA: clones; BENCH_ARGS='--only start,small')
	$(BIN)/python bench/run.py $(BENCH_ARGS)

setup: ## make .venv, or leave it alone if it is up to date
	@sh .ci/setup

constraints: ## pin everything anew from pyproject.toml (needs the network)
	@sh .ci/constraints

clean: ## remove what the other targets made
	rm -rf .venv .venv-oldest .venv-newest .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis dist site
