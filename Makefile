# Every target sets up what it needs first; a second run installs nothing.
.PHONY: help setup demo test up lint bench format
.DEFAULT_GOAL := help

help:
	@echo "make demo    a day of a small factory from end to end; results in demo-output/"
	@echo "make test    static checks and all tests"
	@echo "make up      start the service on http://127.0.0.1:8000"
	@echo "make lint    static checks only"
	@echo "make bench   the benchmark tables"
	@echo "make setup   only the installing that every other target does first"

setup:
	@scripts/setup

demo: setup
	@.venv/bin/fabwright demo

up: setup
	@.venv/bin/fabwright up

lint: setup
	.venv/bin/ruff check src tests benchmarks scripts examples
	.venv/bin/ruff format --check src tests benchmarks scripts examples
	.venv/bin/mypy
	.venv/bin/lint-imports

test: lint
	.venv/bin/pytest -n 2 --dist loadgroup

bench: setup
	@.venv/bin/python -m benchmarks

format: setup
	.venv/bin/ruff check --fix src tests benchmarks scripts examples
	.venv/bin/ruff format src tests benchmarks scripts examples
