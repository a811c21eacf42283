# `make help` lists the targets. What a target cannot do on this machine it names in a line that
# begins with SKIPPED; with TFMEND_NO_SKIP=1 (as in .ci/run) such a line is a failure.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help build demo test unit scripts-test deny workflows prove story permissions permissions-check tools mutants corpus corpus-sample corpus-unknown bench differential arguments lint fmt fmt-check clean

export PYTHONDONTWRITEBYTECODE := 1

PYTHON ?= python3
CARGO ?= cargo
TFMEND = target/debug/tfmend

# git2 needs OpenSSL for HTTPS. Where the system has it, with its headers, it is not built once more.
ifeq ($(shell pkg-config --exists openssl 2>/dev/null && echo yes),yes)
export OPENSSL_NO_VENDOR ?= 1
endif

help: ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

# A debug build serves: it is twice as fast to make, and the demo and the tests share it.
build: ## build target/debug/tfmend
	$(CARGO) build --locked

# No cloud, no GitHub: the demo is built without their clients, which are most of a cold build.
demo: ## findings of a realistic estate become pull requests on a local forge (.demo/)
	$(CARGO) build --locked --no-default-features
	$(PYTHON) scripts/demo.py --tfmend $(TFMEND)

# Emulators write down what tfmend calls: docs/permissions.md is made of it.
RECORDED = $(CURDIR)/target/recorded

test: lint unit differential arguments deny workflows scripts-test story prove permissions-check ## everything: lint, tests, licences, the stories, and the proof loop

unit: ## cargo test
	rm -rf $(RECORDED)
	TFMEND_RECORDED=$(RECORDED) $(CARGO) test --locked

scripts-test: build ## the tests of the scripts themselves
	$(PYTHON) -m unittest discover --quiet --start-directory scripts/tests --top-level-directory scripts

deny: ## licences, duplicates and sources of every dependency
	$(PYTHON) scripts/deny.py

workflows: build ## zizmor on our workflows, the action, and the workflow that `tfmend init` writes
	$(PYTHON) scripts/workflows.py --tfmend $(TFMEND)

prove: build ## real Terraform and a foreign scanner prove the fixes (.prove/report.json)
	$(PYTHON) scripts/prove.py --tfmend $(TFMEND)

differential: ## known values against real Terraform, on written and generated configurations (SEED=n)
	$(CARGO) build --locked --example evaluate
	$(PYTHON) scripts/differential.py $(if $(SEED),--seed $(SEED))

arguments: ## the table of the AWS provider's arguments against that provider (ARGUMENTS=write makes it anew, in minutes)
	$(PYTHON) scripts/arguments.py $(if $(filter write,$(ARGUMENTS)),,--check)

story: build ## findings in Security Hub to pull requests on GitHub to real Terraform, and an emergency (.story/)
	TFMEND_RECORDED=$(RECORDED) $(PYTHON) scripts/story.py --tfmend $(TFMEND)

permissions: ## write docs/permissions.md from what `make test` recorded
	$(PYTHON) scripts/permissions.py --recorded $(RECORDED)

permissions-check:
	$(PYTHON) scripts/permissions.py --recorded $(RECORDED) --check

tools: ## set up the pinned tools of the proof loop in the cache, and print where they are
	$(PYTHON) scripts/tools.py

mutants: ## do the tests of the pure stages bite? (slow; not part of `make test`)
	$(PYTHON) scripts/mutants.py

corpus: ## try it on Terraform code that it was not tuned to: make corpus DIR="DIR …" (docs/corpus.md)
	$(CARGO) build --locked --release --bin tfmend --example enumerate
	$(PYTHON) scripts/corpus.py $(CORPUS_FLAGS) $(DIR)

bench: ## time, memory and mapping beside other tools: make bench [CORPUS="DIR …"] (docs/BENCHMARKS.md)
	$(CARGO) build --locked --release --no-default-features --bin tfmend --example floor --example enumerate --example ingest
	$(PYTHON) scripts/bench.py --write $(BENCH_FLAGS) $(CORPUS)

corpus-sample: ## what Checkov and Trivy find in DIR="CLONE …": fixed, then judged by them and by terraform validate
	$(CARGO) build --locked --release --bin tfmend --example enumerate
	$(PYTHON) scripts/corpus_sample.py --validate $(CORPUS_FLAGS) $(DIR)

corpus-unknown: ## how many values that the code alone decides are not known: make corpus-unknown DIR="DIR …"
	$(CARGO) run --locked --release --example unknown -- $(CORPUS_FLAGS) $(DIR)

lint: fmt-check ## rustfmt and clippy, warnings are errors
	$(CARGO) clippy --locked --all-targets -- -D warnings

fmt: ## format the Rust code
	$(CARGO) fmt

fmt-check:
	$(CARGO) fmt --check

clean: ## remove what was built here; the tool cache stays
	$(CARGO) clean
	rm -rf .demo .prove .story mutants.out mutants.out.old
