# Homeport's commands. `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON := .venv/bin/python
PYTEST := $(PYTHON) -m pytest
# Docker's Python client knows nothing of `docker context`; this says to all where the engine is.
WITH_DOCKER = DOCKER_HOST="$$($(PYTHON) -m tools.docker_engine)"

# Set `ARGS` to pass more: make test-unit ARGS="-k settings -x"
ARGS ?=
# Most tests wait for machines and containers. What shares a machine stays in one process.
PARALLEL := --numprocesses 2 --dist loadgroup
APP ?= mattermost

.PHONY: help
help: ## List the commands
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: ## Make this machine ready: Python environment, Pulumi engine, Docker engine
	@tools/setup.sh python engine docker

.PHONY: demo
demo: setup ## Deploy over HTTPS in the sandbox; APP=mattermost, mastodon or both
	@$(WITH_DOCKER) $(PYTHON) -m sandbox demo $(APP)

.PHONY: demo-down
demo-down: setup-engine ## Tear the demo down
	@$(WITH_DOCKER) $(PYTHON) -m sandbox demo-down

.PHONY: test
test: setup ## Everything: lint, then all tests
	@$(PYTHON) -m tools.lint
	@$(WITH_DOCKER) $(PYTEST) $(PARALLEL) $(ARGS)

.PHONY: test-unit
test-unit: setup-python ## The tests that need neither engine nor Docker
	@$(PYTEST) -m "not engine and not sandbox" $(ARGS)

.PHONY: test-engine
test-engine: setup-engine ## The tests against the real Pulumi engine
	@$(PYTEST) -m "engine and not sandbox" $(ARGS)

.PHONY: test-e2e
test-e2e: setup ## The tests in the sandbox
	@$(WITH_DOCKER) $(PYTEST) -m sandbox $(ARGS)

.PHONY: lint
lint: setup-python ## ruff, mypy, shellcheck and actionlint
	@$(PYTHON) -m tools.lint

.PHONY: bench
bench: setup ## Measure speed and memory; writes build/bench.json
	@$(WITH_DOCKER) $(PYTHON) -m bench

.PHONY: mail-check
mail-check: setup-engine ## Check a stack's mail: STACK=chat, TO=you@example.com for a test mail, RESOLVER=1.1.1.1
	@$(PYTHON) -m operations.mail_check --stack "$(STACK)" $(if $(TO),--to "$(TO)") $(if $(RESOLVER),--resolver "$(RESOLVER)")

.PHONY: status
status: setup-engine ## Say whether a stack is well: STACK=chat; DRIFT=1, JSON=1, RESOLVER=1.1.1.1, ROOT=ca.pem
	@$(PYTHON) -m operations.status --stack "$(STACK)" $(if $(DRIFT),--drift) $(if $(JSON),--json) $(if $(RESOLVER),--resolver "$(RESOLVER)") $(if $(ROOT),--root "$(ROOT)")

.PHONY: tls-scan
tls-scan: setup-python ## Look for weak TLS: HOST=chat.example.com; ADDRESS=203.0.113.7, ROOT=ca.pem, PROFILE=modern
	@$(PYTHON) -m operations.tls_scan --host "$(HOST)" $(if $(ADDRESS),--address "$(ADDRESS)") $(if $(ROOT),--root "$(ROOT)") $(if $(PROFILE),--profile "$(PROFILE)")

.PHONY: backup
backup: setup-engine ## Back a stack up now: STACK=chat
	@$(PYTHON) -m operations.backup backup --stack "$(STACK)"

.PHONY: backup-verify
backup-verify: setup-engine ## Restore a stack's newest backup into a scratch place now and compare: STACK=chat
	@$(PYTHON) -m operations.backup verify --stack "$(STACK)"

.PHONY: import
import: setup-engine ## Take an installation's data in: STACK=chat APP=mattermost DATABASE=dump.sql FILES="data=./data"; DATABASE_NAME=, REPLACE=1
	@$(PYTHON) -m operations.import_app --stack "$(STACK)" --app "$(APP)" --database "$(DATABASE)" --files "$(FILES)" $(if $(DATABASE_NAME),--database-name "$(DATABASE_NAME)") $(if $(REPLACE),--replace)

.PHONY: settings-reference
settings-reference: setup-python ## Write the tables of docs/settings.md from the settings' models
	@$(PYTHON) -m tools.settings_reference

.PHONY: requirements
requirements: ## Pin requirements.in anew into requirements.txt (needs uv)
	@tools/pin_requirements.sh

.PHONY: clean
clean: ## Remove what was made in this folder; caches and sandboxes stay
	@tools/clean.sh

.PHONY: setup-python setup-engine
setup-python:
	@tools/setup.sh python
setup-engine:
	@tools/setup.sh python engine
