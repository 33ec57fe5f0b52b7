# Builds the programs of test/abi: make -f test/abi/abi.mk. Each of test/abi/*.c becomes a static
# program built with musl, in build/abi/root/abi; those that the table of programs wants with glibc
# also in build/abi/root/abi/glibc.
ROOT  := build/abi/root/abi
NAMES := $(patsubst test/abi/%.c,%,$(wildcard test/abi/*.c))
GLIBC := $(sort $(shell sed -n 's/^\([a-z][a-z0-9_]*\)[^ ]* *glibc .*/\1/p' test/abi/programs))
# Wrong on purpose is much of what they do: the compiler need not say so.
FLAGS := -O1 -g0 -s -static -Wall -Wno-unused-result -Wno-stringop-overflow \
	-Wno-stringop-overread -Wno-format-truncation -Wno-nonnull -Wno-array-bounds

.PHONY: programs
programs: build/abi/runner $(NAMES:%=$(ROOT)/%) $(GLIBC:%=$(ROOT)/glibc/%)

build/abi/runner: test/host/runner.c
	@mkdir -p $(@D)
	@musl-gcc $(FLAGS) -o $@ $<
$(ROOT)/glibc/%: test/abi/%.c test/abi/show.h
	@mkdir -p $(@D)
	@gcc $(FLAGS) -o $@ $< -lm
$(ROOT)/%: test/abi/%.c test/abi/show.h
	@mkdir -p $(@D)
	@musl-gcc $(FLAGS) -o $@ $< -lm

$(patsubst %,$(ROOT)/%,$(filter unix_%,$(NAMES))): test/abi/sockets.h
$(ROOT)/caps $(ROOT)/caps_calls: test/abi/caps.h
