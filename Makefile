# Sets itself up: `make demo` and `make test` need nothing but Python 3.11 to 3.13 and make.
PYTHON ?= python3
VENV ?= .venv
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif
RUN := $(BIN)/python
# Test files are dealt to so many processes; each holds TensorFlow and needs up to 5 GB.
PROCESSES ?= 2
TESTS := $(RUN) -m pytest -q -n $(PROCESSES) --dist loadfile

.PHONY: demo test test-all lint format lock clean

demo: $(VENV)/installed
	$(BIN)/keras-suite run digits_demo

test: $(VENV)/installed-dev
	$(TESTS) -m "not slow"

test-all: $(VENV)/installed-dev
	$(TESTS)

lint: $(VENV)/installed-dev
	$(RUN) -m ruff format --check .
	$(RUN) -m ruff check .
	ln -sfn "$(CURDIR)" $(VENV)/keras_suite  # mypy reads the import name from the disk, not from the installation
	MYPYPATH=$(VENV) $(RUN) -m mypy

format: $(VENV)/installed-dev
	$(RUN) -m ruff format .
	$(RUN) -m ruff check --fix .

# Pins every platform at once; run after editing requirements.in or requirements-dev.in.
lock: $(VENV)/installed-dev
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header --no-emit-index-url \
	  --no-emit-find-links --annotation-style line requirements.in -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header --no-emit-index-url \
	  --no-emit-find-links --annotation-style line requirements-dev.in -c requirements.txt -o requirements-dev.txt

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/made:
	$(PYTHON) -c "import sys; assert (3, 11) <= sys.version_info[:2] <= (3, 13), \
	  f'Python {sys.version.split()[0]} found, 3.11 to 3.13 needed: make PYTHON=python3.12'"
	$(PYTHON) -m venv $(VENV)
	touch $@

$(VENV)/installed: requirements.txt pyproject.toml $(VENV)/made
	$(RUN) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	$(RUN) -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	touch $@

$(VENV)/installed-dev: requirements-dev.txt $(VENV)/installed
	$(RUN) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@
