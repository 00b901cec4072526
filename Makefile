# What one does with this project. `make` or `make help` lists it.

# Python may keep its compiled files (in .venv and __pycache__, both ignored by git): without them
# every start takes seconds longer.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run test quick bench lint

help: ## Say what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Start everything on this machine, with a database and simulators of its own (PORT=8000)
	@scripts/environment run
	@exec .venv/bin/ffapp up

test: ## Run all tests, the journeys in Chromium too (PYTEST_ARGS="tests/web -k cohort" for some)
	@scripts/environment test
	@CHROMIUM=$$(scripts/chromium) && export CHROMIUM && \
		exec .venv/bin/python -m pytest -n auto --dist worksteal $(PYTEST_ARGS)

quick: ## Run the tests that need neither a browser nor processes of their own
	@scripts/environment test
	@exec .venv/bin/python -m pytest -n auto --dist worksteal -m "not slow" $(PYTEST_ARGS)

bench: ## Measure how quick and how big it is
	@scripts/environment test
	@exec .venv/bin/python -m bench $(BENCH_ARGS)

lint: ## Check style, formatting, templates, and who may import whom
	@scripts/environment test
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/djlint --lint --quiet templates
	@.venv/bin/lint-imports
