# `make` prints the targets with their `##` comments; nothing here needs anything but Debian's Python 3.11 and make.
VENV := .venv
PYTHON ?= python3
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
SHARED ?= ../shared
TOGETHER := $(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile

.DEFAULT_GOAL := help
.PHONY: help install run test check bench bench-service data pack pretrain train export evaluate promote card openapi notebooks bundle audit fuzz kill clean

help: ## Print this help
	@grep -hE '^[a-z][a-z-]*:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{printf "  make %-14s %s\n", $$1, $$2}'

$(VENV)/serving: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(PIP) -e .
	@touch $@

$(VENV)/testing: $(VENV)/serving
	$(PIP) torch==2.13.0
	$(PIP) -e '.[test]'
	@touch $@

install: $(VENV)/serving ## Install what serving needs, and the pilah command, into .venv

run: install ## Install and start the service on this machine; prints its address
	$(BIN)/pilah serve

test: $(VENV)/testing ## Install what the tests need and run all of them
	@# Apart from the others: a browser that is driven keeps an event loop running in its process, and theirs would not start.
	$(TOGETHER) --ignore tests/web
	$(TOGETHER) tests/web

check: $(VENV)/testing ## Lint, types and import contracts
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/testing ## Measure latency, throughput, memory, resumed runs, readers and the service under load on this machine, beside others
	$(BIN)/python tests/benchmarks/bench.py
	$(BIN)/python tests/benchmarks/batch.py
	$(BIN)/python tests/benchmarks/comparison.py
	$(BIN)/python tests/benchmarks/readers.py
	$(BIN)/python tests/benchmarks/service.py

bench-service: $(VENV)/testing ## Load the service: sustained (SECONDS=20), at 80 %, and ten times as much (OVERLOAD=10)
	$(BIN)/python tests/benchmarks/service.py --seconds $(or $(SECONDS),20) --overload-seconds $(or $(OVERLOAD),10)

data: $(VENV)/testing ## Check and count the data, and how far readers agree
	$(BIN)/pilah data validate
	$(BIN)/pilah data stats
	$(BIN)/pilah data agreement

pack: $(VENV)/testing ## Pack the public texts for pretraining
	$(BIN)/pilah data pack --shared $(SHARED) --out build/packed

pretrain: $(VENV)/testing ## Pretrain the encoder for MINUTES (60), resumable
	$(BIN)/pilah pretrain --packed build/packed --out build/pretraining --max-minutes $(or $(MINUTES),60) --cooldown-minutes $(or $(COOLDOWN),10)

train: $(VENV)/testing ## Fine-tune on BASE (the pretrained encoder unless given)
	$(BIN)/pilah train --base $(or $(BASE),build/pretraining/encoder) --out build/trained --shared $(SHARED)

export: $(VENV)/testing ## Calibrate and export the trained network as an artefact
	$(BIN)/pilah export --trained build/trained --out build/artefact --shared $(SHARED)

evaluate: $(VENV)/testing ## Measure the shipped model: figures, slices, fairness, misspelling, evidence
	@mkdir -p build
	$(BIN)/pilah evaluate --shared $(SHARED) --json model/figures.json --report build/evaluation.html

promote: $(VENV)/testing ## Ship the exported artefact, if it is no worse than the shipped one and fair
	@mkdir -p build
	$(BIN)/pilah promote --candidate build/artefact --report build/promotion.json --shared $(SHARED)

card: $(VENV)/testing ## Render the model card
	$(BIN)/pilah card

notebooks: $(VENV)/testing ## Install JupyterLab and open the notebooks in it
	$(PIP) jupyterlab
	$(BIN)/jupyter lab notebooks

bundle: $(VENV)/testing ## Build dist/: wheels of all that serving needs, checksums, installer, SBOM, tried out offline
	$(BIN)/python deploy/bundle.py --out dist

audit: $(VENV)/testing ## Look for careless code (bandit) and known holes in what is installed (pip-audit, needs its service)
	$(BIN)/bandit -q -c pyproject.toml -r data/pilah_data model/pilah_model api/pilah_api deploy
	$(BIN)/python -m pip freeze --exclude-editable > build-audit.txt
	$(BIN)/pip-audit --strict --no-deps --disable-pip --progress-spinner off -r build-audit.txt; status=$$?; rm build-audit.txt; exit $$status

fuzz: $(VENV)/testing ## Look for faults for long: CASES (100) for each call and parser, SECONDS (300) for each coverage-guided target
	PILAH_TEST_CASES=$(or $(CASES),100) $(BIN)/python -m pytest -q tests/api/test_openapi_conformance.py
	PILAH_TEST_CASES=$(or $(CASES),100)0 $(BIN)/python -m pytest -q tests/api/test_parsers_fuzz.py tests/data/test_feeds_fuzz.py
	@if $(PIP) -e '.[fuzz]'; then \
	  for target in normaliser feeds; do $(BIN)/python tests/fuzz/run.py $$target $(or $(SECONDS),300) || exit 1; done; \
	else \
	  echo "atheris has no wheel for this Python; Hypothesis takes its place, ten times as long"; \
	  PILAH_TEST_CASES=$(or $(CASES),100)00 $(BIN)/python -m pytest -q tests/data/test_feeds_fuzz.py; \
	fi

kill: $(VENV)/testing ## Kill server, worker and PostgreSQL at MOMENTS (50) random moments under writes
	PILAH_TEST_KILLS=$(or $(MOMENTS),50) $(BIN)/python -m pytest -q tests/api/test_store_kill.py tests/api/test_server_kill.py

openapi: $(VENV)/serving ## Write the committed copy of the API description
	$(BIN)/pilah openapi > api/openapi.json

clean: ## Remove the virtual environment and everything built
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache
