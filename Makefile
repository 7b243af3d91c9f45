# Two commands do everything from a bare clone: `make serve` and `make test`.
PYTHON ?= python3.11
# Where `make serve` serves.
ADDRESS ?= 127.0.0.1:8000
# Where pip finds a CPU build of torch, if the default index would bring a GPU build:
#   make serve TORCH_INDEX=<address of a CPU wheel index>
TORCH_INDEX ?=
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
SET_UP := $(VENV)/.set-up

.PHONY: help site serve test mutate bench lint clean
help: ## this list
	@grep -E '^[a-z]+:.*##' Makefile | sed 's/:.*##/\t/'

serve: $(SET_UP) ## execute everything, build, serve, reload on save
	@$(BIN)/python -m snippets._engine serve $(ADDRESS)

site: $(SET_UP) ## the same without serving: the finished site is in site/
	@$(BIN)/python -m snippets._engine site

test: site ## the tests, on the site just built
	@$(BIN)/python -m pytest -n 2 --dist loadfile

mutate: site ## numbers changed, and deliberate errors in package, snippets and pages: is each noticed?
	@$(BIN)/python tests/mutate.py

bench: $(SET_UP) ## the losses beside their plain forms: time and memory, as ratios
	@$(BIN)/python tests/bench.py

lint: $(SET_UP) ## formatting, lint, types
	@$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/pyright

clean: ## forget all results and the built site (keeps .venv)
	@rm -rf .cache site docs/code docs/download docs/figures docs/labs/*.ipynb

# Set-up runs again only when the requirements change.
$(SET_UP): pyproject.toml constraints.txt
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is needed and '$(PYTHON)' was not found: install it, or name one with PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; '$(PYTHON)' is older." >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "'$(PYTHON)' lacks the venv module: install it (Debian: python3.11-venv)." >&2; exit 1; }
	@test -x $(BIN)/python || { echo "setting up $(VENV) (once, two to three minutes) ..."; $(PYTHON) -m venv $(VENV); }
	@$(PIP) install -c constraints.txt $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX)) torch
	@$(PIP) install -c constraints.txt -e '.[train,site,test]'
	@touch $@
