# One command per need; `make help` lists them. Everything a command needs is installed first (tools/setup).
SHELL := /bin/bash
.DEFAULT_GOAL := help

ENVIRONMENT ?= development
UP_OPTIONS ?=
SAMPLE ?= examples/platform-report.yaml
SEEDS ?= 200000
FAULT_EXECUTIONS ?= 50000
DEPLOYS ?= 20
BAD_RELEASES ?= 3
FILES ?=

AUTERITY := build/auterity

##@ The platform
up: build  ## start the whole platform on this machine and run a sample workflow
	@tools/setup run
	@$(AUTERITY) up --environment $(ENVIRONMENT) --detach $(UP_OPTIONS)
	@$(AUTERITY) execute $(SAMPLE) --url-as base_url --environment $(ENVIRONMENT)

down:  ## stop the platform; its data stays
	@test -x $(AUTERITY) || { echo "error: $(AUTERITY) is missing" >&2; echo "hint: run make build first" >&2; exit 6; }
	@$(AUTERITY) down --environment $(ENVIRONMENT) --yes

##@ Development
build:  ## build the release binary, build/auterity
	@tools/setup build
	@cmake --preset release >build/.configure.log 2>&1 || { cat build/.configure.log; exit 1; }
	@cmake --build --preset release

# The sanitizer builds come first, so that one ctest run at the end covers and counts everything.
test:  ## build and run every test that CI runs
	@tools/setup test
	@cmake --preset test >build/.configure.log 2>&1 || { cat build/.configure.log; exit 1; }
	@cmake --build --preset test
	@for preset in asan tsan; do \
	  { cmake --preset $$preset >build/.configure.log 2>&1 || { cat build/.configure.log; exit 1; }; } && \
	  cmake --build --preset $$preset || exit 1; \
	done
	@ctest --test-dir build --output-on-failure --parallel 2

check: style  ## formatting, style, layer rule, clang-tidy for what changed (or FILES="...")
	@tools/tidy $(FILES)

check-all: style  ## check, with clang-tidy for every source
	@tools/tidy --all

style:
	@tools/setup test
	@git ls-files --cached --others --exclude-standard '*.h' '*.cpp' | xargs -r clang-format-19 --dry-run --Werror
	@cmake --preset test >build/.configure.log 2>&1 || { cat build/.configure.log; exit 1; }
	@cmake --build --preset test --target style_tests
	@ctest --test-dir build --output-on-failure --label-regex style

bench:  ## measure, beside nginx in the same run
	@tools/setup test run
	@cmake --preset bench >build/.configure.log 2>&1 || { cat build/.configure.log; exit 1; }
	@cmake --build --preset bench
	@benchmarks/run

# Run outside ctest, whose limits on time are those of CI.
soak:  ## up to an hour on 2 cores: simulation of SEEDS=N, FAULT_EXECUTIONS=N started under faults, DEPLOYS=N in a row, BAD_RELEASES=N rounds
	@tools/setup test
	@cmake --preset test >build/.configure.log 2>&1 || { cat build/.configure.log; exit 1; }
	@cmake --build --preset test
	@build/tests/simulation/engine_simulation --seeds $(SEEDS)
	@AUTERITY_SOURCE_DIR=$(CURDIR) AUTERITY_BINARY=$(CURDIR)/$(AUTERITY) \
	  AUTERITY_FAULT_EXECUTIONS=$(FAULT_EXECUTIONS) AUTERITY_DEPLOYS=$(DEPLOYS) \
	  build/tests/end_to_end/end_to_end_tests --gtest_filter='LoadUnderFaults.*:DeploysInARow.*'
	@AUTERITY_SOURCE_DIR=$(CURDIR) AUTERITY_BINARY=$(CURDIR)/$(AUTERITY) build/tests/end_to_end/end_to_end_tests \
	  --gtest_filter='DeployedPlatform.*' --gtest_repeat=$(BAD_RELEASES)
	@CRASH_STRIDE=1 build/src/operations/operations_tests --gtest_filter='*Crashes*'
	@AUTERITY_SOURCE_DIR=$(CURDIR) AUTERITY_BINARY=$(CURDIR)/$(AUTERITY) CRASH_STRIDE=1 AUTERITY_BACKUP_FLIPS=20 \
	  build/tests/end_to_end/end_to_end_tests --gtest_filter='KilledOperations.*:BackupFaults.*'

clean:  ## remove what was built
	@rm -rf build

help:  ## this list
	@awk 'BEGIN { FS = ":.*## " } \
	  /^##@/ { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# The folder must be there before the first configure, whose output goes to a file in it.
build test style bench soak: | build/.folder
build/.folder:
	@mkdir -p build && touch $@

.PHONY: up down build test check check-all style bench soak clean help
