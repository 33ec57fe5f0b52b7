# Cor's build. `make help` says what there is to make. Everything made goes to build/.

# ---- settings a person may give ------------------------------------------------------------------
DEBUG ?= 0
CC    ?= gcc
CROSS_COMPILE ?=
V     ?= 0

ifeq ($(origin CC),default)
CC := gcc
endif
KCC     := $(CROSS_COMPILE)$(CC)
LD      := $(CROSS_COMPILE)ld
NM      := $(CROSS_COMPILE)nm
OBJCOPY := $(CROSS_COMPILE)objcopy
NASM    ?= nasm
HOSTCC  ?= cc
MUSL_CC ?= musl-gcc

B := build
# One folder of objects for each kind of build, so that switching rebuilds nothing.
KIND := $(notdir $(KCC))$(if $(filter 1,$(DEBUG)),-debug)
O    := $(B)/$(KIND)

ifeq ($(V),0)
Q := @
say = @printf '  %-8s %s\n' '$(1)' '$(patsubst $(B)/%,%,$(2))'
endif

# ---- flags ---------------------------------------------------------------------------------------
WARN := -Wall -Wextra -Werror -Wmissing-prototypes -Wstrict-prototypes -Wshadow -Wvla \
	-Wpointer-arith -Wwrite-strings -Wno-unused-parameter
KCFLAGS := -std=gnu11 -O2 -g $(WARN) -ffreestanding -fno-pie -fno-pic -mcmodel=kernel \
	-mno-red-zone -mgeneral-regs-only -fno-omit-frame-pointer -fno-strict-aliasing \
	-fno-delete-null-pointer-checks -fwrapv -fno-asynchronous-unwind-tables \
	-fstack-protector-strong -fcf-protection=none -fno-common -ffunction-sections -Istage2
ifneq (,$(findstring clang,$(KCC)))
KCFLAGS += -Wno-gnu-variable-sized-type-not-at-end
else
# Small functions go into their callers as at -O3: a call costs as much as many of them do.
KCFLAGS += --param=max-inline-insns-auto=30
endif
ifeq ($(DEBUG),1)
# Each caller is in a stack trace.
KCFLAGS += -fno-optimize-sibling-calls
KCFLAGS += -DDEBUG=1 -fsanitize=undefined -fno-sanitize=alignment,vptr
endif

# ---- the kernel ----------------------------------------------------------------------------------
K_C   := $(sort $(wildcard stage2/*.c stage2/*/*.c stage2/*/*/*.c))
K_C   := $(filter-out stage2/arch/x86/%offsets.c,$(K_C))
ifneq ($(DEBUG),1)
K_C   := $(filter-out stage2/core/ubsan.c,$(K_C))
endif
K_ASM := $(sort $(wildcard stage2/*/*.asm stage2/*/*/*.asm)) boot/enter.asm
K_OBJ := $(K_C:%.c=$(O)/%.o) $(K_ASM:%.asm=$(O)/%.asm.o) $(O)/init/init_image.o \
	$(O)/vdso/vdso_image.o

.DEFAULT_GOAL := all
.PHONY: all kernel clean help
all: kernel boot userland $(B)/tools/mkimage $(B)/tools/machine ## build everything that bin/run needs

kernel: $(O)/cor.elf $(O)/cor.bin ## the kernel alone: ELF (for gdb, PVH) and flat binary

$(O)/%.o: %.c $(O)/flags
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(KCC) $(KCFLAGS) -MMD -MP -c -o $@ $<

# What assembly includes is named here: -MD of NASM 2.16.01, Debian 12's, knows of no included file
# (bugzilla.nasm.us 3392832).
ASM_INC := $(B)/memory_map.inc $(B)/boot_offsets.inc $(sort $(wildcard boot/*.inc))
$(O)/%.asm.o: %.asm $(ASM_INC) $(O)/offsets.inc
	$(call say,NASM,$@)
	@mkdir -p $(@D)
	$(Q)$(NASM) -f elf64 -g -F dwarf -w+error -i$(B)/ -i$(O)/ -i$(<D)/ -o $@ $<

# Rebuilds when the flags change.
$(O)/flags: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' '$(KCC) $(KCFLAGS)' | cmp -s - $@ || printf '%s\n' '$(KCC) $(KCFLAGS)' > $@
FORCE:

# The memory map for NASM: the same lines as in the C header.
$(B)/memory_map.inc: stage2/arch/memory_map.h
	@mkdir -p $(@D)
	$(Q)sed -nE 's,^#define[[:space:]]+([A-Z0-9_]+)[[:space:]]+(0x[0-9a-f]+|[0-9]+).*,%define \1 \2,p' $< > $@

# Offsets of C structs for NASM: compiled, read from the assembly, never run. Those that boot/ needs
# are of no kind of build: the boot sector and the loader are made once.
$(B)/boot_offsets.inc: stage2/arch/x86/boot_offsets.c tools/gen-offsets
	$(call say,OFFSETS,$@)
	@mkdir -p $(@D)
	$(Q)tools/gen-offsets $(HOSTCC) $(HOSTCFLAGS) -MMD -MF $(@:.inc=.d) -MT $@ $< > $@.tmp && mv $@.tmp $@
$(O)/offsets.inc: stage2/arch/x86/offsets.c tools/gen-offsets $(O)/flags
	$(call say,OFFSETS,$@)
	$(Q)tools/gen-offsets $(KCC) $(filter-out -fsanitize%,$(KCFLAGS)) -MMD -MF $(@:.inc=.d) -MT $@ $< > $@.tmp && mv $@.tmp $@

$(O)/kernel.ld: stage2/arch/x86/kernel.ld stage2/arch/memory_map.h
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) -E -P -x c -Istage2 -D__LINKER__ -o $@ $<

# Linked twice: the first result's function names become the table that stack traces are made with.
# The table is the last of the read-only data, so no function moves.
LINK = $(LD) -nostdlib -static -z max-page-size=4096 -z noexecstack --no-warn-rwx-segments \
	--gc-sections --fatal-warnings -T $(O)/kernel.ld
$(O)/cor.elf: $(K_OBJ) $(O)/kernel.ld $(B)/tools/symtab
	$(call say,LINK,$@)
	$(Q)$(B)/tools/symtab < /dev/null > $(O)/symbols.c
	$(Q)$(KCC) $(KCFLAGS) -c -o $(O)/symbols.o $(O)/symbols.c
	$(Q)$(LINK) -o $@.pass1 $(K_OBJ) $(O)/symbols.o
	$(Q)$(NM) -n $@.pass1 | $(B)/tools/symtab > $(O)/symbols.c
	$(Q)$(KCC) $(KCFLAGS) -c -o $(O)/symbols.o $(O)/symbols.c
	$(Q)$(LINK) -Map=$(O)/cor.map -o $@ $(K_OBJ) $(O)/symbols.o
	@rm -f $@.pass1

$(O)/cor.bin: $(O)/cor.elf
	$(Q)$(OBJCOPY) -O binary $< $@

-include $(K_C:%.c=$(O)/%.d) $(B)/boot_offsets.d $(O)/offsets.d

# ---- the boot sector and the loader --------------------------------------------------------------
# NASM itself fails when one of them does not fit.
.PHONY: boot
boot: $(B)/boot/sector.bin $(B)/boot/loader.bin $(B)/boot/sector.elf $(B)/boot/loader.elf ## the boot sector and the loader

$(B)/boot/%.bin: boot/%.asm $(ASM_INC)
	$(call say,NASM,$@)
	@mkdir -p $(@D)
	$(Q)$(NASM) -f bin -w+error -i$(B)/ -iboot/ -l $(@:.bin=.lst) -o $@ $<
# The same for the debugger: symbols and lines. $(B)/boot/sector.elf is linked at 0x7c00.
$(B)/boot/%.elf: boot/%.asm $(B)/boot/%.bin
	$(Q)$(NASM) -f elf32 -g -F dwarf -w+error -i$(B)/ -iboot/ -o $(@:.elf=.o) $<
	$(Q)$(LD) -m elf_i386 -e 0 -Ttext $(if $(filter sector,$*),0x7c00,0x8000) -o $@ $(@:.elf=.o)

# ---- init: a program of its own, linked into the kernel as bytes ----------------------------------
INIT_C   := $(filter-out init/numbers.c,$(sort $(wildcard init/*.c)))
INIT_OBJ := $(INIT_C:%.c=$(O)/%.o) $(O)/init/start.asm.o
INIT_CFLAGS := -std=gnu11 -Os -g $(WARN) -ffreestanding -fno-pie -fno-pic -fno-stack-protector \
	-fno-asynchronous-unwind-tables -fcf-protection=none -mgeneral-regs-only -Istage2

$(O)/init/%.o: init/%.c $(O)/flags
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(KCC) $(INIT_CFLAGS) -MMD -MP -c -o $@ $<

$(O)/init/init_numbers.inc: init/numbers.c tools/gen-offsets $(O)/flags
	@mkdir -p $(@D)
	$(Q)tools/gen-offsets $(KCC) $(INIT_CFLAGS) -MMD -MF $(@:.inc=.d) -MT $@ $< > $@.tmp && mv $@.tmp $@

$(O)/init/start.asm.o: init/start.asm $(O)/init/init_numbers.inc
	$(call say,NASM,$@)
	$(Q)$(NASM) -f elf64 -w+error -i$(O)/init/ -o $@ $<

$(O)/init/init.elf: $(INIT_OBJ)
	$(call say,LINK,$@)
	$(Q)$(LD) -nostdlib -static -z noexecstack --gc-sections --fatal-warnings \
		-z noseparate-code -s -o $@ $^

# As xxd -i has it: a file's bytes as an array, and their number.
as_array = { echo 'const unsigned char $(1)[] __attribute__((aligned(4096))) = {'; xxd -i < $<; \
	echo '};'; echo 'const unsigned int $(1)_bytes = sizeof($(1));'; }
$(O)/init/init_image.c: $(O)/init/init.elf
	$(Q)$(call as_array,init_image) > $@

%_image.o: %_image.c
	$(Q)$(KCC) $(KCFLAGS) -c -o $@ $<

-include $(INIT_C:%.c=$(O)/%.d) $(O)/init/init_numbers.d

# ---- the vDSO: a shared library for programs, linked into the kernel as bytes, in whole pages -----
VDSO_CFLAGS := -std=gnu11 -O2 -g $(WARN) -ffreestanding -fPIC -fvisibility=hidden -fno-stack-protector \
	-fcf-protection=none -mgeneral-regs-only -Istage2

$(O)/vdso/vdso.o: vdso/vdso.c $(O)/flags
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(KCC) $(VDSO_CFLAGS) -MMD -MP -c -o $@ $<

$(O)/vdso/vdso.so: $(O)/vdso/vdso.o vdso/vdso.ld
	$(call say,LINK,$@)
	$(Q)$(LD) -shared -nostdlib -soname linux-vdso.so.1 --hash-style=both --eh-frame-hdr --build-id=none \
		-z noexecstack -z max-page-size=4096 --fatal-warnings -s -T vdso/vdso.ld -o $@ $<

$(O)/vdso/vdso.pages: $(O)/vdso/vdso.so
	$(Q)cp $< $@ && truncate -s %4096 $@

$(O)/vdso/vdso_image.c: $(O)/vdso/vdso.pages
	$(Q)$(call as_array,vdso_image) > $@

-include $(O)/vdso/vdso.d

# ---- userland: small programs of our own, in the machine that has a shell ------------------------
USER_C      := $(sort $(wildcard userland/*.c))
USER        := $(USER_C:userland/%.c=$(B)/userland/%)
USER_CFLAGS := -std=gnu11 -Os -s -static $(WARN) -D_GNU_SOURCE

.PHONY: userland
userland: $(USER) ## the programs of userland/, with musl
$(B)/userland/%: userland/%.c
	$(call say,MUSL,$@)
	@mkdir -p $(@D)
	$(Q)$(MUSL_CC) $(USER_CFLAGS) -o $@ $<
$(B)/userland/hello: userland/hello.c
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(USER_CFLAGS) -nostdlib -ffreestanding -fno-stack-protector -o $@ $<

# ---- programs that run on the host ---------------------------------------------------------------
HOSTCFLAGS := -std=gnu11 -O2 -g -Wall -Wextra -Werror -Wshadow -D_GNU_SOURCE -Istage2
$(B)/tools/%: tools/%.c
	$(call say,HOSTCC,$@)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(HOSTCFLAGS) -MMD -MF $@.d -MT $@ -o $@ $<
$(B)/tools/mkimage: tools/mkimage.c tools/image.c stage2/lib/crc32.c
	$(call say,HOSTCC,$@)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(HOSTCFLAGS) -o $@ $(filter %.c,$^)
$(B)/tools/mkimage: tools/image.h stage2/abi/image.h stage2/arch/memory_map.h
-include $(wildcard $(B)/tools/*.d)

# What bin/run and bin/image are made of, and mkarchive with it: several files each.
RUN_OBJ := $(patsubst %.c,$(B)/%.o,$(filter-out tools/run/main.c,$(sort $(wildcard tools/run/*.c)))) \
	$(B)/tools/image.o $(B)/tools/crc32.o
$(B)/tools/run/%.o: tools/run/%.c
	$(call say,HOSTCC,$@)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(HOSTCFLAGS) -MMD -MP -c -o $@ $<
$(B)/tools/image.o: tools/image.c
	$(call say,HOSTCC,$@)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(HOSTCFLAGS) -MMD -MP -c -o $@ $<
$(B)/tools/crc32.o: stage2/lib/crc32.c
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(HOSTCFLAGS) -MMD -MP -c -o $@ $<
$(B)/tools/machine: $(B)/tools/run/main.o $(RUN_OBJ)
	$(call say,LINK,$@)
	$(Q)$(HOSTCC) -o $@ $^ -lpthread
$(B)/tools/mkarchive: tools/mkarchive.c $(RUN_OBJ)
	$(call say,HOSTCC,$@)
	$(Q)$(HOSTCC) $(HOSTCFLAGS) -MMD -MF $@.d -MT $@ -o $@ $< $(RUN_OBJ) -lpthread
-include $(wildcard $(B)/tools/run/*.d)

# ---- tests ---------------------------------------------------------------------------------------
.PHONY: test-unit test-fuzz
test-unit: $(B)/memory_map.inc $(B)/boot_offsets.inc ## the kernel's pure code on the host, under ASan and UBSan; ONLY=name for one file
	@$(MAKE) --no-print-directory -f test/host/host.mk unit HOSTCC='$(HOSTCC)' Q='$(Q)' INCLUDES='$^'

test-fuzz: ## each parser of foreign bytes under libFuzzer; RUNS=20000 inputs, ONLY=name
	@$(MAKE) --no-print-directory -f test/host/host.mk fuzz Q='$(Q)'

# ---- checks --------------------------------------------------------------------------------------
.PHONY: check format objects tidy
check: ## what CI checks: format, layers, headers, sizes, warnings of two compilers, linters
	@tools/check

format: ## put every C source into the form that check wants
	@tools/sources | grep '\.[ch]$$' | xargs clang-format -i

objects: $(K_C:%.c=$(O)/%.o) $(patsubst %.asm,$(O)/%.asm.o,$(wildcard $(K_ASM))) ## compile, link nothing

# Of the analyzer's search trees only so much that a file takes half a second. An object file stands
# for all that its source includes.
tidy: $(K_C:%.c=$(O)/%.tidy)
$(O)/%.tidy: %.c $(O)/%.o .clang-tidy
	$(Q)clang-tidy --quiet $< -- $(KCFLAGS) -Xclang -analyzer-config -Xclang max-nodes=30000 \
		2>&1 || { rm -f $@; exit 1; }
	@touch $@

compile_commands.json: $(K_C) Makefile ## for editors and clang tools
	@{ printf '['; comma=; for f in $(K_C); do \
		printf '%s\n{"directory": "%s", "file": "%s", "command": "%s"}' \
			"$$comma" '$(CURDIR)' "$$f" "$(KCC) $(KCFLAGS) -c $$f"; comma=,; \
	done; printf '\n]\n'; } > $@

# ---- the rest ------------------------------------------------------------------------------------
clean: ## remove everything that was built
	rm -rf $(B)

help: ## this list
	@sed -nE 's/^([a-z][a-z._-]*):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 31
	@echo
	@echo "  DEBUG=1             the kernel with its checks: lock ranks, UBSan, poisoned memory"
	@echo "  CC=clang            another compiler; CROSS_COMPILE=x86_64-linux-gnu- another toolchain"
	@echo "  V=1                 print each command"
	@echo
	@echo "  bin/run --help, bin/image --help, bin/test --help: what to do with it"
