# Two commands on a fresh machine: `make demo` looks at it, `make test` proves it.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

.PHONY: help demo test check words pictures faults bench setup clean lab lab-console lab-down
help:  ## what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

setup: $(READY)  ## the virtual environment, with everything pinned
$(READY): pyproject.toml constraints.txt tools/setup.sh
	@PYTHON=$(PYTHON) sh tools/setup.sh $(VENV)
	@touch $@

demo: $(READY)  ## open the console on an embedded estate
	@$(BIN)/twinwatch demo

check: $(READY)  ## style, types and import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache
	$(BIN)/mypy

test: $(READY)  ## every test; as root on Debian, installs what tests need
	@sh tools/test-needs.sh
	@$(BIN)/python -m pytest -n 2 --dist loadfile --ignore=tests/lab || { test $$? = 1 && \
	  echo "once more, one at a time: tests with real servers share this machine's processors" && \
	  $(BIN)/python -m pytest --last-failed --last-failed-no-failures none --ignore=tests/lab; }
	@$(BIN)/python -m tests.lab image
	@$(BIN)/python -m pytest tests/lab || { test $$? = 1 && echo "once more, in a lab of their own" && \
	  $(BIN)/python -m pytest tests/lab --last-failed --last-failed-no-failures none; }

lab: $(READY)  ## a whole estate of real parts on this machine, as root; stays up
	@sh tools/test-needs.sh
	@$(BIN)/python -m tests.lab up

lab-console: $(READY)  ## the console on the lab
	@$(BIN)/python -m tests.lab console

lab-down: $(READY)  ## end the lab, and leave nothing
	@$(BIN)/python -m tests.lab down

words: $(READY)  ## bring the catalogues of other languages up to date with the code
	@$(BIN)/python tools/catalogues.py

pictures: $(READY)  ## take the pictures in docs/ anew: of handovers, and of the console in demos
	@$(BIN)/python -m tools.pictures
	@$(BIN)/python -m tools.screens

faults: $(READY)  ## kills of the watch at each point of a run, many times; writes docs/reliability.md
	@sh tools/test-needs.sh
	TWINWATCH_RELIABILITY=1 TWINWATCH_KILLS=50 $(BIN)/python -m pytest -s --timeout 7200 \
	  tests/watch/runs/test_kill_points.py
	TWINWATCH_RELIABILITY=1 TWINWATCH_CUTS=50 $(BIN)/python -m pytest -s --timeout 7200 \
	  tests/runbooks/host/test_over_ssh.py -k cut_anywhere
	TWINWATCH_EXAMPLES=5000 $(BIN)/python -m pytest -q --timeout 1800 tests/runbooks/progress

bench: $(READY)  ## every benchmark beside its peers; writes docs/performance.md
	$(BIN)/python -m bench

clean:  ## forget the virtual environment and build leftovers
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache
