# Freehold. `make help` lists the targets.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

GO ?= go
# Pinned in a module file of its own, so that go.mod holds only what hosts need.
STATICCHECK = $$($(GO) tool -modfile=.ci/tools.mod -n staticcheck)
# What the gate runs without the race detector, too: packages whose tests do less under it (internal/raced).
PLAIN = ./internal/moneytest ./internal/faulttest ./internal/sweeptest ./investments/waterfall ./examples/quickstart ./financials/leases
# Every Go module of the repository: a dependency of weight lives in one of its own.
MODULES = $$(find . -name go.mod -not -path '*/testdata/*' -not -path './.*' -exec dirname {} \; | sort)
# A program that only runs a container: the race detector would have Docker's client built twice, and nothing to watch.
UNRACED = ./internal/localpg/dockerpg
race = $$(case " $(UNRACED) " in (*" $$module "*) ;; (*) echo "$(1)";; esac)
BENCH ?= .
COUNT ?= 1

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  %-14s %s\n", $$1, $$2}'

.PHONY: setup
setup: ## Install PostgreSQL with PostGIS where it is missing (Debian and Ubuntu), else say how
	@bash internal/localpg/install.sh

.PHONY: quickstart
quickstart: setup ## The main job: a deal from files to paid investors
	$(GO) run ./examples/quickstart $(ARGS)

.PHONY: compiler
compiler: # The race detector needs a C compiler
	@bash .ci/compiler

.PHONY: poppler
poppler: # Reads PDFs back in a test, where it can be had
	@bash .ci/poppler

.PHONY: clock
clock: # What a part of the gate takes is counted from here
	@.ci/spent start

.PHONY: test
# lint reads what the tests are built of, so that it is built once; the compiler and the tests collect garbage less
# often, and a test program does not wait a second at its end for reports of races that come late.
test: RACE = -race
test: export GOGC = 400
test: export GOMEMLIMIT = 2GiB
test: export GORACE = atexit_sleep_ms=50
test: clock setup compiler poppler lint ## Every check and every test of every module, on a real PostgreSQL with PostGIS
	@.ci/spent "setup and lint"
	@{ status=0; for module in $(MODULES); do \
		$(GO) -C $$module test $(call race,-race) -vet=off -timeout 15m -json ./... || status=1; \
	done; .ci/spent "the tests with the race detector"; \
	$(GO) test -vet=off -timeout 15m -json $(PLAIN) || status=1; .ci/spent "the tests without it"; exit $$status; } | $(GO) run ./internal/testreport

.PHONY: lint
lint: ## gofmt, go vet, staticcheck
	@unformatted="$$(gofmt -l .)"; if [ -n "$$unformatted" ]; then echo "not formatted: $$unformatted"; exit 1; fi
	@checker="$(STATICCHECK)"; flags="$$($(GO) env GOFLAGS)"; for module in $(MODULES); do \
		echo "go vet and staticcheck: $$module"; \
		$(GO) -C $$module vet $(call race,$(RACE)) ./...; \
		(cd "$$module" && GOFLAGS="$$flags $(call race,$(RACE))" "$$checker" ./...); \
	done

.PHONY: test-times
test-times: setup compiler ## How long each package's tests take, one at a time, for the budget in CONTRIBUTING.md
	@dir="$$(mktemp -d)"; trap 'rm -r "$$dir"' EXIT; \
	for race in false true; do $(GO) test -count=1 -p 1 -timeout 15m -race=$$race -json ./... >"$$dir/$$race"; done; \
	$(GO) run ./internal/testreport -table "$$dir/false" "$$dir/true"

.PHONY: bench-finance
bench-finance: ## Benchmarks of the finance engine, beside a floor or yardstick of the same run
	$(GO) test -run '^$$' -bench '$(BENCH)' -benchmem -count $(COUNT) ./realestate/money ./investments/returns ./investments/waterfall/...

.PHONY: waterfall
waterfall: ## The long comparison of the waterfall with its plain second implementation: N random deals, 100,000 by default
	FREEHOLD_WATERFALL=$${N:-100000} $(GO) test -count=1 -timeout 24h ./investments/waterfall -run equalsSimple -rapid.checks=1000 -rapid.nofailfile

.PHONY: bench-db
bench-db: setup ## Benchmarks over the database, each beside a floor of the same run; FREEHOLD_BENCH_LARGE=1 adds those over a million rows
	$(GO) test -run '^$$' -bench '$(BENCH)' -benchtime 1x -timeout 60m -count $(COUNT) ./financials/ledger ./financials/leases ./properties ./investments ./realestate/outbox

.PHONY: leases
leases: setup ## The ledgers of tenants against a second implementation, over N (2000) random histories
	FREEHOLD_LEASES=$(or $(N),2000) $(GO) test -count=1 -timeout 60m -run TestLedger_againstModel -v ./financials/leases

.PHONY: bench-auth
bench-auth: setup ## Sign-in and resets: medians of who is unknown and who is not over N (2000) each; sessions a second beside a bare statement
	$(GO) test -run '^$$' -bench '_answers' -benchtime $(or $(N),2000)x -timeout 60m -count $(COUNT) ./realestate/auth
	$(GO) test -run '^$$' -bench 'Authenticate' -benchtime 20000x -count $(COUNT) ./realestate/auth

.PHONY: fault
fault: setup ## The long fault tests: 200 interleavings a pair (FREEHOLD_FAULT_ORDERS=n or all), 20,000 commands under kills (FREEHOLD_FAULT_SEED=n repeats one)
	FREEHOLD_FAULT=long $(GO) test -count=1 -timeout 90m -v ./internal/faulttest ./migrations
	FREEHOLD_FAULT=long $(GO) test -count=1 -timeout 90m -v -run 'anyOrder|findsEachBreach' ./realestate

.PHONY: money
money: setup ## N random histories (default 10000) against the second model; MONEY_SEED=n starts elsewhere
	MONEY_N=$(or $(N),10000) MONEY_SEED=$(or $(MONEY_SEED),1) $(GO) test -count=1 -timeout 24h -run '^TestMoney$$' -v ./internal/moneytest

.PHONY: fuzz
fuzz: setup ## Every fuzz target for FUZZTIME (default 20s) each, and every verb with every bad value
	FREEHOLD_SWEEP=long $(GO) test -count=1 -timeout 60m ./internal/sweeptest
	@for pkg in $$($(GO) list ./...); do \
		for f in $$($(GO) test -list '^Fuzz' $$pkg | grep '^Fuzz' || true); do \
			$(GO) test -run '^$$' -fuzz "^$$f$$" -fuzztime $${FUZZTIME:-20s} $$pkg; \
		done; \
	done

.PHONY: conformance
conformance: ## Run the finance vectors of FREEHOLD_VECTORS (default: the shipped ones)
	$(GO) test ./internal/conformance -count=1 -v

.PHONY: schema-doc
schema-doc: setup ## Write migrations/SCHEMA.md anew from a migrated database
	$(GO) test ./internal/schematest -count=1 -run SchemaPage -update

.PHONY: docker-image
docker-image: ## Build a small postgis/postgis image from this machine's Debian packages, for the Docker road
	bash internal/localpg/dockerimage/build.sh
