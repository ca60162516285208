# make run    sets everything up and collects the outlets of config/ until stopped (ARGS="--once" for one round)
# make test   sets everything up and runs every check
# make torture  kills the program over a thousand times, refuses it every step on the disk, and cuts its power
# make demo   sets everything up and shows the whole job on a small web of its own, without a network
PYTHON ?= python3
ARGS ?=
DATA ?=

RUN := .venv
TEST := .venv-test
BIN := $(TEST)/bin

.PHONY: run demo test torture check lock bench screenshots prove-image clean

run: $(RUN)/installed
	exec $(RUN)/bin/scraper run $(ARGS)

demo: $(RUN)/installed
	exec $(RUN)/bin/scraper demo $(ARGS)

test: check
	scripts/browser.sh $(TEST)/no-browser
	scripts/promtool.sh $(BIN)
	$(BIN)/python -m pytest -n auto $(ARGS)

check: $(TEST)/installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The tests of kills, faults and power cuts in their long form, for the night: half an hour on two cores.
torture: $(TEST)/installed
	SCRAPER_TEST_DAEMON_CYCLES=200 SCRAPER_TEST_DAEMON_STRIDES=3 SCRAPER_TEST_KILLS=2000 SCRAPER_TEST_FAULT_STRIDE=1 \
		SCRAPER_TEST_POWER_CUTS=2000 $(BIN)/python -m pytest -n auto -rP tests/chaos $(ARGS)

# DATA names the directory with pages, gold text and duplicate pairs that the benchmarks measure on.
bench: $(TEST)/installed
	$(BIN)/python bench/run.py $(DATA)

# Draws the pictures of the status page in docs/images anew; needs Chromium.
screenshots: $(TEST)/installed
	scripts/browser.sh $(TEST)/no-browser
	$(BIN)/python scripts/screenshots.py

$(RUN)/installed: requirements/run.txt pyproject.toml scripts/install.sh
	PYTHON=$(PYTHON) scripts/install.sh $(RUN) requirements/run.txt

$(TEST)/installed: requirements/test.txt pyproject.toml scripts/install.sh
	PYTHON=$(PYTHON) scripts/install.sh $(TEST) requirements/test.txt

# Rewrites the locks from pyproject.toml; needs uv.
LOCK := uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--no-emit-index-url --no-emit-find-links --group build
# The second follows the first, so that what runs is what was tested.
lock:
	$(LOCK) --group dev --all-extras --output-file requirements/test.txt
	$(LOCK) --constraint requirements/test.txt --output-file requirements/run.txt

# Runs the Dockerfile's own steps in a clean Debian root: for machines without a container engine. Needs root.
prove-image:
	$(PYTHON) scripts/prove_image.py $(ARGS)

clean:
	rm -rf $(RUN) $(TEST) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
