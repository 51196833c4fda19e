# Homeport's commands. `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# `python -m tools -m MODULE` runs a module so that Ctrl-C is one line; pytest sees to that itself.
PYTHON := .venv/bin/python -m tools
PYTEST := .venv/bin/python -m pytest
# Docker's Python client knows nothing of `docker context`; this says to all where the engine is.
WITH_DOCKER = DOCKER_HOST="$$($(PYTHON) -m tools.docker_engine)"; export DOCKER_HOST; exec

# Set `ARGS` to pass more: make test-unit ARGS="-k settings -x"
ARGS ?=
# Most tests wait for machines and containers. What shares a machine stays in one process; tests/conftest.py says how
# many processes there are.
PARALLEL := --numprocesses auto --dist loadgroup --no-loadscope-reorder
APP ?= mattermost
# What `drift` looks at: CLOUD=1 leaves the machine out, CLOUD=auto does so where it cannot be reached.
SCOPE = $(if $(CLOUD),$(if $(filter auto,$(CLOUD)),auto,cloud),all)

.PHONY: help
help: ## List the commands
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: ## Make this machine ready: Python environment, Docker engine, Pulumi engine
	@tools/setup.sh python docker engine

.PHONY: demo
demo: ## Deploy over HTTPS in the sandbox; APP=mattermost, mastodon, both, or web (Miniflux, with pages)
	@tools/setup.sh python --later docker engine
	@$(PYTHON) -m sandbox.footprint $(APP)
	@tools/setup.sh python docker engine
	@$(WITH_DOCKER) $(PYTHON) -m sandbox demo $(APP)

.PHONY: demo-down
demo-down: setup-engine ## Tear the demo down
	@$(WITH_DOCKER) $(PYTHON) -m sandbox demo-down

.PHONY: test
test: setup ## Lint, then all tests but those of test-long
	@$(PYTHON) -m tools.lint
	@$(WITH_DOCKER) $(PYTHON) -m sandbox images
	@$(WITH_DOCKER) $(PYTEST) $(PARALLEL) -m "not long" $(ARGS)

.PHONY: test-long
test-long: setup ## The tests that are long by nature: docs/testing.md has the list
	@$(WITH_DOCKER) $(PYTHON) -m sandbox images
	@$(WITH_DOCKER) $(PYTEST) $(PARALLEL) -m long $(ARGS)

.PHONY: test-unit
test-unit: setup-python ## The tests that need neither engine nor Docker
	@$(PYTEST) -m "not engine and not sandbox" $(ARGS)

.PHONY: test-engine
test-engine: setup ## The tests against the real Pulumi engine; some of them need Docker
	@$(WITH_DOCKER) $(PYTEST) -m "engine and not sandbox" $(ARGS)

.PHONY: test-python
test-python: setup ## Unit and engine tests on another Python: PYTHON_VERSION=newest, 3.11, 3.13 ...; TARGET=test-e2e, demo
	@$(WITH_DOCKER) $(PYTHON) -m tools.python_container $(or $(PYTHON_VERSION),newest) $(or $(TARGET),test-unit test-engine)

.PHONY: test-e2e
test-e2e: setup ## The tests in the sandbox
	@$(WITH_DOCKER) $(PYTHON) -m sandbox images
	@$(WITH_DOCKER) $(PYTEST) $(PARALLEL) -m "sandbox and not long" $(ARGS)

.PHONY: lint
lint: setup-python ## ruff, mypy, shellcheck, actionlint and zizmor
	@$(PYTHON) -m tools.lint

.PHONY: ci
ci: ## Run what a job of CI runs: TARGET=lint, test-unit, test-engine or test-e2e (these by sudo)
	@tools/ci.sh

.PHONY: bench
bench: setup ## Measure speed and memory; writes build/bench.json; PART=policies, growth, edge or deployments
	@$(WITH_DOCKER) $(PYTHON) -m bench $(PART)

.PHONY: mail-check
mail-check: setup-engine ## Check a stack's mail: STACK=chat, TO=you@example.com for a test mail, RESOLVER=1.1.1.1
	@$(PYTHON) -m operations.mail_check --stack "$(STACK)" $(if $(TO),--to "$(TO)") $(if $(RESOLVER),--resolver "$(RESOLVER)")

.PHONY: status
status: setup-engine ## Say whether a stack is well: STACK=chat; DRIFT=1, JSON=1, RESOLVER=1.1.1.1, ROOT=ca.pem
	@$(PYTHON) -m operations.status --stack "$(STACK)" $(if $(DRIFT),--drift) $(if $(JSON),--json) $(if $(RESOLVER),--resolver "$(RESOLVER)") $(if $(ROOT),--root "$(ROOT)")

.PHONY: outdated
outdated: setup-engine ## Say which images of a stack have newer versions: STACK=chat; JSON=1, REGISTRY=https://mirror, ROOT=ca.pem
	@$(PYTHON) -m operations.outdated --stack "$(STACK)" $(if $(JSON),--json) $(if $(REGISTRY),--registry "$(REGISTRY)") $(if $(ROOT),--root "$(ROOT)")

.PHONY: drift
drift: setup-engine ## Say what differs between state and world: STACK=chat; CLOUD=1 or auto, JSON=1, FORMAT=markdown
	@$(PYTHON) -m operations.drift --stack "$(STACK)" --scope $(SCOPE) --format $(if $(JSON),json,$(or $(FORMAT),text))

.PHONY: drift-report
drift-report: setup-engine ## Open, update or close a stack's issue of drift on GitHub: STACK=chat; CLOUD=1 or auto
	@$(PYTHON) -m operations.drift_report --stack "$(STACK)" --scope $(SCOPE)

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

.PHONY: diagram
diagram: setup-python ## Draw a stack as SVG and Mermaid into build/diagram: STACK=chat
	@$(PYTHON) -m diagram --stack "$(STACK)"

.PHONY: status-picture
status-picture: setup-engine ## Draw docs/pictures/status.svg anew, from `make status` of a stack: STACK=sandbox
	@$(PYTHON) -m operations.status_picture --stack "$(STACK)"

.PHONY: diagrams
diagrams: setup-python ## Draw the pictures of docs/pictures anew
	@$(PYTHON) -m diagram --shipped

.PHONY: engine-version
engine-version: setup-python ## Print the version of the Pulumi engine that the SDK goes with
	@$(PYTHON) -m tools.engine_version

# The version comes as the environment's variable, not as text of the recipe: a tag is no shell.
.PHONY: release-check release-notes release-archive release
release-check: setup-python ## Check that VERSION=v1.2.0 is the newest of CHANGELOG.md
	@$(PYTHON) -m tools.release check "$$VERSION"
release-notes: setup-python ## Print what CHANGELOG.md says of VERSION=v1.2.0
	@$(PYTHON) -m tools.release notes "$$VERSION"
release-archive: setup-python ## Pack the source of VERSION=v1.2.0 into build/release
	@$(PYTHON) -m tools.release archive "$$VERSION"
release: setup-python ## Make the release VERSION=v1.2.0 on GitHub; needs its tag and `make release-archive`
	@$(PYTHON) -m tools.release publish "$$VERSION"

.PHONY: settings-reference
settings-reference: setup-python ## Write the tables of docs/settings.md from the settings' models
	@$(PYTHON) -m tools.settings_reference

.PHONY: policy-reference
policy-reference: setup-python ## Write the table of docs/policies.md from the rules
	@$(PYTHON) -m tools.policy_reference

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
