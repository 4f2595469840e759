# The project's verbs. `make` lists them.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

TOOLS := $(CURDIR)/build/tools
UV := $(TOOLS)/bin/uv
UV_VERSION := 0.13.8
PYTHON := .venv/bin/python
READY := .venv/.ready
PORT := 4566
MAIL_PORT := 2525
DEMO := yes
ENCODER := full
# Tools that run outside the product's environment, in the versions of this day.
TOOL = $(UV) tool run --quiet --python $(PYTHON) --exclude-newer 2026-11-21
export UV ENCODER
export UV_PROJECT_ENVIRONMENT := .venv
export UV_SYSTEM_CERTS := true

.PHONY: help run stop test test-slow test-emulator e2e e2e-slow lint types deploy undeploy restore logs build bench \
	browser chaos killed evaluate encoder clean fuzz rules sbom advisories wheel mutants

help: ## list the verbs
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-20s %s\n", $$1, $$2 }'

run: $(READY) ## start everything locally and hold a real conversation; PORT=4566 MAIL_PORT=2525 DEMO=no
	@$(PYTHON) -m infra.local --port $(PORT) --mail-port $(MAIL_PORT) --demo $(DEMO)

stop: ## stop what `make run` started
	@if [ -x $(PYTHON) ]; then $(PYTHON) -m infra.emulator stop; else echo "Nothing was started."; fi

test: $(READY) encoder ## unit and integration tests; no network, no services
	@$(PYTHON) -m pytest --numprocesses auto --dist loadfile

test-slow: $(READY) encoder ## two thousand random lives, planted bugs, roles, layers built twice
	@$(PYTHON) -m pytest -m slow --numprocesses auto --dist loadfile

fuzz: $(READY) ## thousands of requests made from the OpenAPI document; FUZZ=5000
	@$(PYTHON) -m pytest tests/integration/test_fuzz.py -m slow

e2e: $(READY) ## whole stories against LocalStack
	@$(PYTHON) -m pytest tests/e2e

e2e-slow: $(READY) ## a terminal killed at every call, every page of the runbook: ten minutes
	@$(PYTHON) -m pytest tests/e2e -m slow

browser: $(READY) ## the pages in a real browser; CHROMIUM=path, OPTIONAL=1 where there may be none
	@$(UV) sync --frozen --quiet --group browser
	@$(PYTHON) -m infra.checking.chromium $(if $(OPTIONAL),--optional)

test-emulator: $(READY) ## the emulator's own tests, in its own environment
	@$(PYTHON) -m infra.emulator test

lint: $(READY) ## style, formatting and the template
	@$(PYTHON) -m ruff check
	@$(PYTHON) -m ruff format --check
	@.venv/bin/cfn-lint template.yaml

types: $(READY) ## static types
	@$(PYTHON) -m mypy layers/core/python/helpdesk agent_cli infra tests/fakes.py
	@$(PYTHON) -m mypy layers/documents/python/helpdesk_documents
	@for door in functions/*/*.py; do $(PYTHON) -m mypy $$door || exit 1; done

rules: $(READY) ## security rules over the template as SAM writes it out (checkov); policies by a second judge
	@$(UV) run --quiet --no-project --python $(PYTHON) --exclude-newer 2026-11-21 \
		--with aws-sam-translator==1.115.0 --with pyyaml==6.0.3 python infra/checking/sam_template.py
	@$(TOOL) checkov==3.3.30 --config-file infra/checking/checkov.yaml
	@infra/checking/iam/judged.sh

sbom: $(READY) ## write build/sbom.json: every package that ships, with its hashes (CycloneDX)
	@mkdir -p build
	@$(UV) export --frozen --quiet --preview-features sbom-export --format cyclonedx1.5 --no-dev \
		--group core-layer --group nlp-layer --group documents-layer --output-file build/sbom.json >/dev/null
	@echo "wrote build/sbom.json"

advisories: $(READY) ## ask PyPI whether a locked package is known to be vulnerable; STRICT=1 fails if PyPI cannot be asked
	@$(PYTHON) -m infra.checking.advisories $(if $(STRICT),--strict)

mutants: $(READY) ## small faults that unit tests must notice, in one pure module or all; ROOM=triage MOST=60
	@$(PYTHON) -m infra.mutating $(ROOM) $(if $(MOST),--most $(MOST))

build: $(READY) ## build the functions and layers into build/; ENCODER=full or light
	@$(PYTHON) -m infra.deploying.build

wheel: $(READY) ## build the agents' terminal into build/dist/, to install on their own machines
	@rm -rf build/dist && $(UV) build --quiet --wheel --out-dir build/dist
	@echo "wrote $$(ls build/dist/*.whl); an agent installs it with: uv tool install --compile-bytecode FILE"

deploy: $(READY) ## deploy to AWS (or to AWS_ENDPOINT_URL); PARAMETERS="Name=value …" STAGE=prod DRY_RUN=yes ADOPT=yes
	@$(PYTHON) -m infra.deploying.deploy $(if $(STAGE),--stage $(STAGE)) $(if $(filter yes,$(DRY_RUN)),--dry-run) \
		$(if $(filter yes,$(ADOPT)),--adopt) $(PARAMETERS)

undeploy: $(READY) ## delete the stack; asks, and says what stays and what it costs; PARAMETERS="--region …" STAGE=prod CONFIRM=name
	@$(PYTHON) -m infra.deploying.undeploy $(if $(STAGE),--stage $(STAGE)) $(if $(CONFIRM),--confirm $(CONFIRM)) $(PARAMETERS)

restore: $(READY) ## use a restored table: TABLE=TicketsTable FROM=its-new-name PARAMETERS="--region …" STAGE=prod
	@$(PYTHON) -m infra.deploying.restore $(TABLE) $(FROM) $(if $(STAGE),--stage $(STAGE)) $(PARAMETERS)

logs: $(READY) ## follow the functions' logs
	@$(PYTHON) -m infra.local.logs

evaluate: $(READY) encoder ## measure understanding: TRAIN=f.jsonl TEST=f.jsonl [OUT=f.json] [PLOT=f.png] [PREDICT=f.jsonl]
	@$(if $(PLOT),$(UV) sync --frozen --quiet --group plots,true)
	@$(PYTHON) -m infra.evaluating.evaluate $(if $(TRAIN),--train $(TRAIN)) $(if $(TEST),--test $(TEST)) \
		$(if $(OUT),--out $(OUT)) $(if $(PLOT),--plot $(PLOT)) $(if $(PREDICT),--predict $(PREDICT))
	@$(PYTHON) -m infra.evaluating.conversations

encoder: $(READY)
	@$(PYTHON) layers/nlp/encoder.py >/dev/null && $(PYTHON) layers/nlp/encoder.py --light >/dev/null

chaos: $(READY) ## break things on a LocalStack of its own, and audit every ticket afterwards
	@$(PYTHON) -m infra.proving.chaos

killed: $(READY) ## kill LocalStack under load, and ask for every ticket it accepted; TICKETS=1000 TIMES=20
	@$(PYTHON) -m infra.proving.killed $(if $(TICKETS),--tickets $(TICKETS)) $(if $(TIMES),--times $(TIMES))

bench: $(READY) ## measure, and write docs/benchmarks.md
	@$(PYTHON) -m infra.measuring.bench

clean: stop ## remove everything that was built, the local tickets included
	@rm -rf build .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(READY): pyproject.toml uv.lock | $(UV)
	@echo "Setting up the environment (once; about a minute) …"
	@$(UV) sync --frozen --quiet --compile-bytecode --python "$$(./infra/python.sh)"
	@$(PYTHON) -m compileall -q agent_cli layers/core/python/helpdesk
	@touch $@

$(UV):
	@python="$$(./infra/python.sh)" && "$$python" -m venv $(TOOLS) \
		&& $(TOOLS)/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
