# Every target works on a fresh machine with Python 3.11+: the environment is made when it is missing.
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
# CPU builds of torch without CUDA packages. Those who reach PyTorch's own index set, for example,
# TORCH_INDEX=--index-url=<address of PyTorch's CPU index>.
TORCH ?= torch==2.13.0
TORCH_INDEX ?=
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEV_STAMP := $(VENV)/.installed-dev
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help install serve test soak check eval bench peers screenshots clean

help: ## List the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# torch comes first and alone: whatever depends on it would otherwise bring gigabytes of CUDA packages.
$(STAMP): pyproject.toml | $(BIN)/python
	$(PIP) $(TORCH_INDEX) $(TORCH)
	$(PIP) --editable .
	@touch $@

$(DEV_STAMP): $(STAMP)
	$(PIP) --editable '.[dev]'
	@touch $@

install: $(STAMP) ## Install what serving needs into .venv

serve: $(STAMP) ## Build what is missing and serve the chat (HOST, PORT)
	$(BIN)/planqa serve --host $(HOST) --port $(PORT)

check: $(DEV_STAMP) ## Lint, types and import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

test: check ## check, and all tests, the browser's included
	$(BIN)/python -m pytest

soak: $(DEV_STAMP) ## The long form of the tests that try to break the service (an hour or so)
	$(PIP) --editable '.[soak]'
	$(BIN)/python -m pytest -m soak --long

eval: $(DEV_STAMP) ## Measure the answers on the dev questions
	$(BIN)/planqa eval

bench: $(DEV_STAMP) ## Measure how long everything takes, against the bare embedding (a few quiet minutes)
	$(BIN)/planqa bench

peers: $(DEV_STAMP) ## Install peer frameworks aside and measure retrieval with them on the same report
	$(BIN)/python -m eval.peers.compare

screenshots: $(DEV_STAMP) ## Make the pictures of docs/images and the icons anew
	$(BIN)/python docs/screenshots.py

clean: ## Remove the environment and everything built
	rm -rf $(VENV) data *.egg-info
