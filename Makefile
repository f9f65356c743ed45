# nvmm-sim.  `make run` shows it, `make test` proves it; see README.md.
#
# Everything built lands in build/; each variant (VARIANT=asan, ubsan,
# tsan, coverage) in a folder of its own below it.

CC ?= cc
VARIANT ?= release
NO_INSTALL ?= 0

# A line a file; make V=1 shows the commands.
ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @printf '  %-7s %s\n'
endif

ifeq ($(VARIANT),release)
B := build
else
B := build/$(VARIANT)
endif

CFLAGS_release := -O2 -g
CFLAGS_asan := -O1 -g -fsanitize=address,undefined \
	-fno-sanitize-recover=undefined -fno-omit-frame-pointer
CFLAGS_ubsan := -O1 -g -fsanitize=undefined -fno-sanitize-recover=all
CFLAGS_tsan := -O1 -g -fsanitize=thread
CFLAGS_coverage := -O0 -g --coverage -fprofile-update=atomic -DNDEBUG
LDFLAGS_asan := -fsanitize=address,undefined
LDFLAGS_ubsan := -fsanitize=undefined
LDFLAGS_tsan := -fsanitize=thread
LDFLAGS_coverage := --coverage

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wconversion -Wno-sign-conversion
ifneq ($(CI),)
WARN += -Werror
endif
# clang binds a library's own calls directly unless told not to; the calls
# that the assists make must be seen.
CC_IS_CLANG := $(shell $(CC) --version 2>/dev/null | grep -c clang)
ifneq ($(CC_IS_CLANG),0)
SEMANTIC := -fsemantic-interposition
endif

COMMON := -std=gnu11 $(WARN) $(CFLAGS_$(VARIANT)) -MMD -MP
LIB_CFLAGS := $(COMMON) -fPIC $(SEMANTIC) -D_DEFAULT_SOURCE -Ilib \
	-Ilib/compat -Ilib/include -Ilib/history/include
# One build for programs and for what is preloaded into others.
SIM_PIC := -fPIC -fno-semantic-interposition -ftls-model=initial-exec
SIM_CFLAGS = $(COMMON) -D_GNU_SOURCE -Isim -Ilib/compat -Ilib/include \
	-Ilib/history/include $(SIM_PIC) $(PKG_CFLAGS)
PKG_CFLAGS = $(shell pkg-config --cflags lua5.4 jansson liblzma 2>/dev/null)
SIM_LIBS = $(shell pkg-config --libs lua5.4 jansson liblzma 2>/dev/null) \
	-lZydis -lpthread -ldl
LIB_LIBS := -lZydis -lpthread
TEST_LIBS = $(shell pkg-config --libs check 2>/dev/null) $(SIM_LIBS)

# The library, in three generations of the interface: v2 is the one without
# a suffix.  state.c has the caching logic, state_nocomm.c none.
LIB_ALL := $(wildcard lib/*.c lib/x86/*.c)
ABI_1 := lib/abi_v1.c lib/comm_mmap.c
ABI_2 := lib/abi_v2.c lib/comm_mmap.c
ABI_3 := lib/abi_v3.c
SUFFIX_1 := -v1
SUFFIX_3 := -v3
LIB_SRC := $(filter-out lib/state%.c $(ABI_1) $(ABI_2) $(ABI_3),$(LIB_ALL))
# $(call lib_obj,GENERATION,FILE with or without the caching logic)
lib_obj = $(patsubst lib/%.c,$(B)/obj/lib$(SUFFIX_$(1))/%.o, \
	$(LIB_SRC) $(ABI_$(1)) $(2))
LIB_OBJ := $(call lib_obj,2,lib/state.c)
# Cost models of the library's past: v1, but for its ways to the state.
HISTORY := nocomm copying
HISTORY_OBJ := $(filter-out %/comm_mmap.o, \
	$(call lib_obj,1,lib/history/common.c))

# The fake kernel and its tools; all but main() also go into the tests.
SIM_ALL := $(wildcard sim/kernel/*.c sim/kernel/abi/*.c sim/backend/*.c \
	sim/engine/*.c sim/engine/interp/*.c sim/transport/*.c \
	sim/observe/*.c sim/scenario/*.c sim/preload/*.c \
	sim/cli/*.c)
# What only programs under `nvmm-sim exec' have.
PRELOAD_ONLY := sim/preload/preload.c sim/preload/kernel.c \
	sim/preload/paths.c sim/preload/memory.c sim/preload/output.c \
	sim/transport/function_next.c \
	sim/transport/function_static.c sim/transport/static.c \
	sim/transport/process.c sim/transport/signals.c \
	sim/transport/signal_flavours.c
SIM_SRC := $(filter-out $(PRELOAD_ONLY),$(SIM_ALL))
SIM_OBJ := $(SIM_SRC:%.c=$(B)/obj/%.o)
CORE_OBJ := $(filter-out $(B)/obj/sim/cli/%,$(SIM_OBJ))

# Programs for guests, whatever processor the host has.
ifeq ($(shell uname -m),x86_64)
GUEST :=
else
GUEST := x86_64-linux-gnu-
endif
GUESTS := $(patsubst scenarios/guests/%.s,$(B)/guests/%.bin, \
	$(wildcard scenarios/guests/*.s))

# What every program under exec carries, and what it gets when it opens the
# device.
PRELOAD := $(B)/libnvmm-sim-preload.so
# Every program's start pays for each segment and each relocation.
PRELOAD_LDFLAGS := -Wl,-z,noseparate-code -Wl,-z,lazy -Wl,--gc-sections \
	-Wl,-O1
PRELOAD_OBJ := $(patsubst %.c,$(B)/obj/%.o,sim/preload/preload.c \
	sim/preload/paths.c sim/preload/output.c sim/observe/call.c \
	$(filter-out sim/transport/library%.c sim/transport/%static.c, \
	$(wildcard sim/transport/*.c)))
PRELOAD_KERNEL := $(B)/libnvmm-sim-kernel.so
PRELOAD_KERNEL_OBJ := $(patsubst %.c,$(B)/obj/%.o,sim/preload/kernel.c \
	sim/preload/memory.c sim/preload/settings.c \
	sim/scenario/guest_file.c \
	sim/scenario/bind_guest.c sim/scenario/value.c \
	sim/scenario/sandbox.c $(wildcard sim/scenario/encode*.c) \
	$(filter sim/kernel/% sim/backend/% sim/engine/% sim/observe/%, \
	$(SIM_ALL)))

# The same, to be linked in.
STATIC := $(B)/libnvmm-sim-static.a
STATIC_CALLS := $(patsubst %,$(B)/obj/sim/transport/%.o,calls function_static)
STATIC_OBJ := $(B)/obj/sim/preload/preload-static.o \
	$(B)/obj/sim/transport/static.o $(PRELOAD_KERNEL_OBJ) \
	$(filter-out $(STATIC_CALLS) %/preload.o %/next.o %/function_next.o \
	$(PRELOAD_KERNEL_OBJ),$(PRELOAD_OBJ))

EXPORTS := sim/transport/exports.list
DYNAMIC := -Wl,--dynamic-list=$(EXPORTS)

PRODUCTS := $(B)/libnvmm.a $(B)/nvmm-sim $(GUESTS) \
	$(PRELOAD) $(PRELOAD_KERNEL) $(STATIC) \
	$(foreach abi,1 2 3,$(B)/libnvmm$(SUFFIX_$(abi)).so $(B)/libnvmm.so.$(abi) \
	$(B)/libnvmm$(SUFFIX_$(abi))-nocomm.so) \
	$(HISTORY:%=$(B)/libnvmm-history-%.so)

.PHONY: all run check test nightly bench packages headers clean
all: packages
	@$(MAKE) --no-print-directory products

.PHONY: products
products: $(PRODUCTS)

# --- packages ------------------------------------------------------------
packages:
	@NO_INSTALL=$(NO_INSTALL) sh tests/packages.sh build

# --- library -------------------------------------------------------------
# $(call lib_link,OBJECTS,NAME,SONAME)
define lib_link
$(B)/$(2).so: $(1) lib/libnvmm.map
	$$(say) LINK $$@
	$$(Q)$$(CC) -shared -Wl,-soname,$(3) \
	    -Wl,--version-script=lib/libnvmm.map \
	    $$(LDFLAGS_$$(VARIANT)) -o $$@ $$(filter %.o,$$^) $$(LIB_LIBS)
-include $(patsubst %.o,%.d,$(1))
endef

define lib_generation
$(B)/obj/lib$(SUFFIX_$(1))/%.o: lib/%.c
	@mkdir -p $$(@D)
	$$(say) CC $$<
	$$(Q)$$(CC) $$(LIB_CFLAGS) -DNVMM_ABI=$(1) -c -o $$@ $$<
$(call lib_link,$(call lib_obj,$(1),lib/state.c),libnvmm$(SUFFIX_$(1)),libnvmm.so.$(1))
$(call lib_link,$(call lib_obj,$(1),lib/state_nocomm.c),libnvmm$(SUFFIX_$(1))-nocomm,libnvmm$(SUFFIX_$(1))-nocomm.so)
# The name that programs linked with it look for.
$(B)/libnvmm.so.$(1): $(B)/libnvmm$(SUFFIX_$(1)).so
	@ln -sf libnvmm$(SUFFIX_$(1)).so $$@
endef
$(foreach abi,1 2 3,$(eval $(call lib_generation,$(abi))))
$(foreach model,$(HISTORY),$(eval $(call lib_link,$(HISTORY_OBJ) \
	$(B)/obj/lib-v1/history/$(model).o,libnvmm-history-$(model),libnvmm-history-$(model).so)))

$(B)/libnvmm.a: $(LIB_OBJ)
	$(say) AR $@
	@rm -f $@
	$(Q)$(AR) rcs $@ $(LIB_OBJ)

# --- simulator -----------------------------------------------------------
# Who defines open(2) and the like may be called before the runtime of
# ThreadSanitizer is there: it is not instrumented.
ifeq ($(VARIANT),tsan)
$(B)/obj/sim/transport/%.o: SIM_CFLAGS += -fno-sanitize=thread
endif

$(B)/obj/sim/%.o: sim/%.c
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(CC) $(SIM_CFLAGS) -c -o $@ $<

$(B)/nvmm-sim: $(SIM_OBJ) $(EXPORTS)
	$(say) LINK $@
	$(Q)$(CC) $(LDFLAGS_$(VARIANT)) $(DYNAMIC) -o $@ $(SIM_OBJ) $(SIM_LIBS)

$(PRELOAD): $(PRELOAD_OBJ) sim/preload/preload.map
	$(say) LINK $@
	$(Q)$(CC) -shared $(LDFLAGS_$(VARIANT)) -Wl,-soname,$(@F) \
	    -Wl,--version-script=sim/preload/preload.map \
	    $(PRELOAD_LDFLAGS) -o $@ $(PRELOAD_OBJ) -lpthread -ldl

$(PRELOAD_KERNEL): $(PRELOAD_KERNEL_OBJ) sim/preload/kernel.map
	$(say) LINK $@
	$(Q)$(CC) -shared $(LDFLAGS_$(VARIANT)) -Wl,-soname,$(@F) \
	    -Wl,--version-script=sim/preload/kernel.map -Wl,-z,defs -o $@ \
	    $(PRELOAD_KERNEL_OBJ) $(SIM_LIBS)

$(B)/obj/sim/preload/preload-static.o: sim/preload/preload.c
	@mkdir -p $(@D)
	$(say) CC "$< (static)"
	$(Q)$(CC) $(SIM_CFLAGS) -DPRELOAD_STATIC -c -o $@ $<

$(STATIC): $(STATIC_CALLS) $(STATIC_OBJ) sim/preload/static.sh
	$(say) AR $@
	$(Q)sh sim/preload/static.sh $@ $(B)/nvmm-sim-static.options \
	    sim/preload/preload.map $(STATIC_CALLS) -- $(STATIC_OBJ)

# --- guests --------------------------------------------------------------
# Linked to where a BIOS would have loaded them.
$(B)/guests/%.bin: scenarios/guests/%.s
	@mkdir -p $(@D)
	$(say) AS $<
	$(Q)$(GUEST)as --64 -mx86-used-note=no -Iscenarios/guests --MD $(B)/guests/$*.d \
	    -o $(B)/guests/$*.o $<
	$(Q)$(GUEST)ld -m elf_x86_64 -Ttext 0x7c00 -e 0x7c00 \
	    --oformat binary -o $@ $(B)/guests/$*.o

run: all
	@$(B)/nvmm-sim run scenarios

clean:
	rm -rf build

-include $(SIM_ALL:%.c=$(B)/obj/%.d) $(GUESTS:.bin=.d)
include install.mk
include tests/tests.mk
