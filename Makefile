# SPDX-License-Identifier: GPL-2.0-or-later
# The only entry point. A goal carries a ## comment, a variable a #? comment; `make help` prints both.
export TOP := $(CURDIR)
export BUILD ?= $(TOP)/build#? where everything generated goes
export CACHE ?= $(HOME)/.cache/contid-overlay#? downloads, unpacked bases and the compiler cache
export FLAVOUR ?= release#? kernel: release, debug, vanilla (no overlay), off (overlay, switched off), coverage
export BASE ?=#? another base, as 6.12.y; BASES=all makes `make check` try all on offer
export BASES ?=
export ACCEL ?= tcg#? tcg, kvm, or auto (kvm if a probe guest reports)
export T ?=#? suite/pattern: the tests that `make test` runs
export CMD ?=#? command that `make run` runs instead of a shell
export REROLL ?= 1#? number of the series that `make series` writes
export RUNS ?= 20000#? executions of each fuzz target
export KERNEL ?=#? KERNEL=1: make deb adds the kernel
export KCONFIG ?=#? its configuration, that of the guests by default
export V ?=#? V=1 shows commands
export KTREE ?= $(BUILD)/tree#? kernel git tree to build and to refresh from
export KBUILD_BUILD_TIMESTAMP := 2026-01-01
export GOAL

include base.mk

MAKEFLAGS += --no-print-directory
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
ALL := help deps tree refresh check kernel kunit tools fuzz deb rootfs run demo test bench coverage zero-cost series clean distclean
.PHONY: $(ALL) need-deps need-tree
$(ALL): GOAL = $@
need-deps: GOAL = deps
need-tree: GOAL = tree

overlay = @tools/overlay/
guest = @$(MAKE) -C tests/qemu

help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / {n++; printf "  %-10s %s\n", $$1, $$2} \
		END {printf "\nvariables:\n"; exit}' Makefile
	@sed -n 's/^export \([A-Z]*\) .*#? \(.*\)/  \1 \2/p' Makefile | awk '{n = $$1; $$1 = ""; printf "  %-10s%s\n", n, $$0}'
	@echo "help: $(words $(ALL)) goals; start with make demo"

# Quiet when nothing is missing, so that every goal can stand on them.
need-deps:
	@tools/overlay/deps --quiet
need-tree: need-deps
	@[ "$(KTREE)" != "$(BUILD)/tree" ] || tools/overlay/tree --quiet

deps: ## install the Debian packages the other goals need
	$(overlay)deps

tree: need-deps ## make build/tree: base plus overlay, as a git branch
	$(overlay)tree

refresh: ## write the branch in build/tree back to the overlay
	$(overlay)refresh

check: need-tree ## static gates: round trip, budget, checkpatch, sparse, W=1, shellcheck, format, kernel-doc
	$(overlay)check

kernel: need-tree ## build/FLAVOUR/bzImage
	$(guest) kernel

kunit: need-tree ## unit tests of the kernel parts under UML
	$(overlay)kunit

tools: need-deps ## user-space programs and their unit tests, into build/tools
	$(overlay)tools

fuzz: need-deps ## fuzz targets of the tools, RUNS=20000 executions each
	$(overlay)fuzz

deb: need-deps ## Debian packages of the tools; KERNEL=1 adds the kernel
	$(overlay)deb

rootfs: need-deps ## Debian guest image
	$(guest) rootfs

run: need-tree ## shell in the guest, or CMD='...'
	$(guest) run

demo: need-tree ## the whole story: a container audits its own files under its own IMA policy
	$(guest) demo

test: ## everything CI runs
	$(overlay)test

bench: need-tree ## instructions per operation, vanilla against ours
	$(guest) bench

coverage: need-tree ## lines of our kernel code that the tests reach
	$(overlay)coverage

zero-cost: need-tree ## objects of flavour off are those of vanilla
	$(overlay)zero-cost

series: need-tree ## format-patch mailbox in build/series/vREROLL, every commit built
	$(overlay)series

clean: ## remove build/
	@rm -rf "$(BUILD)" && echo "clean: OK"

distclean: ## remove build/ and CACHE
	@rm -rf "$(BUILD)" "$(CACHE)" && echo "distclean: OK"
