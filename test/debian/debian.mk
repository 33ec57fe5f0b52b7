# Builds what test/debian/run needs: make -f test/debian/debian.mk. The scripts of test/debian/programs go to
# build/debian/root/debian, and what the host's compilers make of test/debian/compiled.
ROOT     := build/debian/root/debian
SCRIPTS  := $(notdir $(wildcard test/debian/programs/*))
COMPILED := $(basename $(notdir $(wildcard test/debian/compiled/*)))

.PHONY: programs
programs: build/debian/runner $(SCRIPTS:%=$(ROOT)/%) $(COMPILED:%=$(ROOT)/%)

build/debian/runner: test/host/runner.c
	@mkdir -p $(@D)
	@musl-gcc -O1 -s -static -Wall -o $@ $<
$(ROOT)/%: test/debian/programs/%
	@mkdir -p $(@D)
	@cp -p $< $@
$(ROOT)/%: test/debian/compiled/%.rs
	@mkdir -p $(@D)
	@rustc -O -o $@ $<
$(ROOT)/%: test/debian/compiled/%.c
	@mkdir -p $(@D)
	@gcc -O2 -fopenmp -Wall -o $@ $<
