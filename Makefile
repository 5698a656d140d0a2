# Two commands are enough: `make run` and `make test`. `make help` lists the rest.
PYTHON ?= python3
PORT ?= 8000
DEMO ?= 1
VENV := .venv
BIN := $(VENV)/bin
PYTEST := $(BIN)/python -m pytest
WORKERS ?= 2
BENCH_PYTHON ?= $(PYTHON)
DATA ?= ../shared/data

# Where Python may not keep what it compiled, each of the many processes compiles the house and its libraries anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help

help: ## List what can be made
	@grep -hE '^[a-z][a-z-]*:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{printf "  make %-18s %s\n", $$1, $$2}'

run: $(VENV)/run.done ## Run everything in one process at http://127.0.0.1:8000 (PORT=, DEMO=0, CSEM_HOME=)
	@$(BIN)/csem run --port $(PORT) $(if $(filter 0,$(DEMO)),--no-demo,--demo)

$(VENV): $(VENV)/run.done ## Make the virtual environment with what a running house needs

$(VENV)/run.done: requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev.done: $(VENV)/run.done requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

dev: $(VENV)/dev.done ## Add the tools for tests and checks to the virtual environment

test: $(VENV)/dev.done ## Run the whole suite on the embedded default (SQLite, bus in memory)
	$(PYTEST) -n $(WORKERS) -m "not services and not browser"

test-services: $(VENV)/dev.done ## Run what needs PostgreSQL and RabbitMQ on loopback
	$(PYTEST) -n $(WORKERS) -m "services and not browser"

test-browser: $(VENV)/dev.done ## Walk the pages in headless Chromium, with axe-core
	$(PYTEST) -m browser

soak-bus: $(VENV)/dev.done ## Soak the event bus in lost messages and SIGKILLs (BUS="--database postgresql --bus rabbitmq")
	$(BIN)/python -m tests.bus.soak $(BUS)

soak-credit: $(VENV)/dev.done ## Soak the whole life of a fund: 100,000 runs of its state machine (RUNS=, WORKERS=)
	$(BIN)/python -m tests.credit.soak --runs $(or $(RUNS),100000) --workers $(WORKERS)

soak-disclosure: $(VENV)/dev.done ## Protect Honduras' directory of establishments and attack what is shown of it (DATA=../shared/data, KEEP=FOLDER to go on after a stop)
	$(BIN)/python -m tests.territory.soak --data $(DATA) $(if $(KEEP),--keep $(KEEP))

soak-training: $(VENV)/dev.done ## Answer 10,000 random rounds and check every condition and every reason (RUNS=)
	$(BIN)/python -m tests.training.soak $(addprefix --rounds ,$(RUNS))

# Both sides run the same interpreter. The image's is an optimised build, as Debian's is: BENCH_PYTHON=/usr/bin/python3
bench-platform: var/bench-product/done var/bench-venv/done ## Measure the foundation beside its peers (needs PostgreSQL, RabbitMQ, wrk; BENCH="http events processes")
	var/bench-product/bin/python -m deploy.bench.platform $(BENCH)

bench-registry: $(VENV)/run.done ## Measure the registry at the size of a country (BENCH="import search export", ROWS=1000000, DATA=../shared/data)
	$(BIN)/python -m deploy.bench.registry $(BENCH) --data $(DATA) $(addprefix --rows ,$(ROWS))

bench-credit: $(VENV)/run.done ## Measure credit at the size of a country (BENCH="schedules close par repayments", LOANS=1000000; needs PostgreSQL)
	$(BIN)/python -m deploy.bench.credit $(BENCH) $(addprefix --loans ,$(LOANS))

bench-territory: $(VENV)/run.done ## Measure territory at the size of a country (BENCH="analysis reports items tiles moving locating classes", ROWS=100000, POINTS=1000000; needs PostgreSQL)
	$(BIN)/python -m deploy.bench.territory $(BENCH) $(addprefix --rows ,$(ROWS)) $(addprefix --points ,$(POINTS))

bench-training: $(VENV)/run.done ## Measure placement in training groups (BENCH="department country grouping", DATA=../shared/data)
	$(BIN)/python -m deploy.bench.training $(BENCH) --data $(DATA)

bench-peers: var/bench-peers/done ## Install beside, in var/, what territory is measured against (tipg, pygeoapi)

var/bench-peers/done: deploy/bench/peers/territory.txt
	$(BENCH_PYTHON) -m venv var/bench-peers
	var/bench-peers/bin/python -m pip install --quiet --disable-pip-version-check -r deploy/bench/peers/territory.txt
	@touch $@

var/bench-product/done: requirements.lock
	$(BENCH_PYTHON) -m venv var/bench-product
	var/bench-product/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	var/bench-product/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

var/bench-venv/done: deploy/bench/peers/requirements.txt
	$(BENCH_PYTHON) -m venv var/bench-venv
	var/bench-venv/bin/python -m pip install --quiet --disable-pip-version-check -r deploy/bench/peers/requirements.txt
	@touch $@

lint-deploy: $(VENV)/dev.done ## Check the compose file, the image and the alerts (needs promtool: Debian's prometheus)
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
	$(BIN)/hadolint --failure-threshold style deploy/Dockerfile
	promtool check config deploy/prometheus/prometheus.yml
	promtool test rules tests/deploy/rules_test.yml

lint: $(VENV)/dev.done ## Style, types, import contracts, catalogues, published contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m deploy.catalogues
	$(BIN)/python -m deploy.contracts --check

format: $(VENV)/dev.done ## Put the code in its form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: ## Resolve the dependencies anew and write both lock files
	uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-header --no-annotate --upgrade \
	  pyproject.toml --output-file requirements.lock
	uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-header --no-annotate --upgrade \
	  --extra dev --constraint requirements.lock pyproject.toml --output-file requirements-dev.lock

contracts: $(VENV)/dev.done ## Write the OpenAPI and AsyncAPI documents anew
	$(BIN)/python -m deploy.contracts

vendor: $(VENV)/run.done ## Fetch the vendored files of the portal again and check their hashes
	$(BIN)/python services/portal/static/vendor/refresh.py

clean: ## Remove the virtual environment and caches; the data in var/ stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .hypothesis .import_linter_cache *.egg-info

.PHONY: help run dev test test-services test-browser soak-bus soak-credit soak-disclosure soak-training bench-platform bench-registry bench-credit bench-territory bench-training bench-peers lint lint-deploy format lock contracts vendor clean $(VENV)
