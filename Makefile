# The developer's manual in verbs; `make help` prints them.
PY = .venv/bin/python

.PHONY: help setup demo test test-js e2e bench fmt check lock

help:  ## Print this list
	@grep -E '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo:  ## Run everything with sample meetings: http://127.0.0.1:8000
	python3 -m venv .venv && .venv/bin/pip install -q --no-deps -r requirements.txt && .venv/bin/python manage.py demo

test:  ## Run the tests; no network, no browser, no database server
	python3 -m venv .venv && .venv/bin/pip install -q --no-deps -r requirements-test.txt && .venv/bin/python -m pytest

setup:  ## Install what developing needs
	python3 -m venv .venv && .venv/bin/pip install -q --no-deps -r requirements-dev.txt

test-js:  ## Run the tests of the JavaScript modules
	node --test tests/js/

e2e:  ## Run the story in a real browser (Debian's chromium)
	$(PY) -m pytest -n 0 tests/browser

bench:  ## Measure recognition, alone and end to end, and what long meetings cost
	$(PY) -m tests.benchmarks.recognition
	$(PY) -m tests.benchmarks.end_to_end
	$(PY) -m tests.benchmarks.long_meetings

fmt:  ## Format Python
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

check:  ## Run what CI runs
	.ci/run

lock:  ## Write the hash-locked requirement files anew (needs uv)
	uv pip compile $(LOCK) pyproject.toml --group dev -o requirements-dev.txt
	uv pip compile $(LOCK) pyproject.toml --group test -c requirements-dev.txt -o requirements-test.txt
	uv pip compile $(LOCK) pyproject.toml -c requirements-dev.txt -o requirements.txt

LOCK = --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -q
