# Kernel code on the host: unit tests and fuzz targets. Run by the Makefile at the top
# (`make test-unit`, `make test-fuzz`), from there; not read otherwise, so that it costs nothing.
#
# A test is one file, test/unit/NAME_test.c or test/fuzz/NAME_fuzz.c. All of stage2/lib is there for
# it; further kernel sources it names in a comment line of its own:
#
#	links: stage2/fs/cpio.c stage2/arch/e820.c
#
# Kernel sources are built with test/host/names.h in front: it tells their libc-like names apart.
# Assembly that needs nothing of the machine can be named, too (memcpy is cor_memcpy then).
B      := build
HOSTCC ?= cc
FUZZCC ?= clang
NASM   ?= nasm
RUNS   ?= 20000
ONLY   ?= *
Q      ?= @

FLAGS := -std=gnu11 -g -O1 -D_GNU_SOURCE -DDEBUG=1 -Wall -Wextra -Werror -Wshadow \
	-Wno-unused-parameter -Wno-missing-field-initializers -fno-omit-frame-pointer -Itest/host/machine -Istage2 \
	-Itest/host
UNIT_FLAGS := $(FLAGS) -fsanitize=address,undefined -fno-sanitize-recover=all
FUZZ_FLAGS := $(FLAGS) -O2 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all

# $(call linked,KIND,TEST) - the objects, in build/KIND, of the kernel sources that a test names
sources = $(shell sed -nE 's,^[ /*]*links: *([^*]*).*,\1,p' $(1))
linked  = $(patsubst %.c,$(B)/$(1)/%.o,$(patsubst %.asm,$(B)/$(1)/%.asm.o,$(call sources,$(2))))

UNIT_TESTS := $(sort $(wildcard test/unit/$(ONLY)_test.c))
FUZZ_TESTS := $(sort $(wildcard test/fuzz/$(ONLY)_fuzz.c))
UNIT_BINS  := $(UNIT_TESTS:test/unit/%.c=$(B)/unit/%)
FUZZ_BINS  := $(FUZZ_TESTS:test/fuzz/%.c=$(B)/fuzz/%)
LIB        := $(wildcard stage2/lib/*.c)

.PHONY: unit fuzz
.SECONDARY:
.DELETE_ON_ERROR:

unit: $(UNIT_BINS)
	@test/host/run-unit $^

fuzz: $(FUZZ_BINS)
	@RUNS=$(RUNS) test/host/run-fuzz $^

$(B)/unit/lib.a: $(LIB:%.c=$(B)/unit/%.o) $(B)/unit/test/host/host.o
$(B)/fuzz/lib.a: $(LIB:%.c=$(B)/fuzz/%.o) $(B)/fuzz/test/host/fuzz.o
$(B)/%/lib.a:
	$(Q)rm -f $@ && ar rc $@ $^

$(B)/unit/stage2/%.o: stage2/%.c
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(UNIT_FLAGS) -include test/host/names.h -MMD -MP -c -o $@ $<

$(B)/unit/test/%.o: test/%.c
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(UNIT_FLAGS) -MMD -MP -c -o $@ $<

$(B)/fuzz/stage2/%.o: stage2/%.c
	@mkdir -p $(@D)
	$(Q)$(FUZZCC) $(FUZZ_FLAGS) -include test/host/names.h -MMD -MP -c -o $@ $<

$(B)/fuzz/test/%.o: test/%.c
	@mkdir -p $(@D)
	$(Q)$(FUZZCC) $(FUZZ_FLAGS) -MMD -MP -c -o $@ $<

$(B)/unit/%.asm.o: %.asm
	@mkdir -p $(@D)
	$(Q)$(NASM) -f elf64 -g $(foreach f,memcpy memmove memset,-D$(f)=cor_$(f)) -o $@ $<

define UNIT_RULE
$(B)/unit/$(1): $(B)/unit/test/unit/$(1).o \
	$(call linked,unit,test/unit/$(1).c) $(B)/unit/lib.a
	$$(Q)$$(HOSTCC) $$(UNIT_FLAGS) -z noexecstack -o $$@ $$^ -lcmocka
endef
define FUZZ_RULE
$(B)/fuzz/$(1): $(B)/fuzz/test/fuzz/$(1).o \
	$(call linked,fuzz,test/fuzz/$(1).c) $(B)/fuzz/lib.a
	$$(Q)$$(FUZZCC) $$(FUZZ_FLAGS) -fsanitize=fuzzer -o $$@ $$^
endef
$(foreach t,$(UNIT_BINS),$(eval $(call UNIT_RULE,$(notdir $(t)))))
$(foreach t,$(FUZZ_BINS),$(eval $(call FUZZ_RULE,$(notdir $(t)))))

# The loader's own code, 32-bit, for loader_test. INCLUDES has memory_map.inc and boot_offsets.inc.
$(B)/unit/loader_test: | $(B)/unit/loader32
$(B)/unit/loader32: test/unit/loader32.asm boot/memory.inc boot/crc32.inc $(INCLUDES)
	@mkdir -p $(@D)
	$(Q)nasm -f elf32 -w+error $(addprefix -i,$(dir $(INCLUDES))) -iboot/ -o $@.o $<
	$(Q)ld -m elf_i386 -o $@ $@.o

-include $(shell find $(B)/unit $(B)/fuzz -name '*.d' 2>/dev/null)
