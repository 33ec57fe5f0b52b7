# Builds what test/debian/run needs: make -f test/debian/debian.mk. The scripts of test/debian/programs go to
# build/debian/root/debian.
ROOT    := build/debian/root/debian
SCRIPTS := $(notdir $(wildcard test/debian/programs/*))

.PHONY: programs
programs: build/debian/runner $(SCRIPTS:%=$(ROOT)/%)

build/debian/runner: test/host/runner.c
	@mkdir -p $(@D)
	@musl-gcc -O1 -s -static -Wall -o $@ $<
$(ROOT)/%: test/debian/programs/%
	@mkdir -p $(@D)
	@cp -p $< $@
