# nvmm-sim.  `make run` shows it, `make test` proves it; see README.md.
#
# Everything built lands in build/; each variant (VARIANT=asan, ubsan,
# coverage) in a folder of its own below it.

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
CFLAGS_asan := -O1 -g -fsanitize=address -fno-omit-frame-pointer
CFLAGS_ubsan := -O1 -g -fsanitize=undefined -fno-sanitize-recover=all
CFLAGS_coverage := -O0 -g --coverage -fprofile-update=atomic -DNDEBUG
LDFLAGS_asan := -fsanitize=address
LDFLAGS_ubsan := -fsanitize=undefined
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
	-Ilib/compat -Ilib/include
SIM_CFLAGS = $(COMMON) -D_GNU_SOURCE -Isim -Ilib/compat -Ilib/include \
	$(PKG_CFLAGS)
PKG_CFLAGS = $(shell pkg-config --cflags lua5.4 jansson liblzma 2>/dev/null)
SIM_LIBS = $(shell pkg-config --libs lua5.4 jansson liblzma 2>/dev/null) \
	-lpthread -ldl
LIB_LIBS := -lZydis -lpthread
TEST_LIBS = $(shell pkg-config --libs check 2>/dev/null) $(SIM_LIBS)

# The library: state.c has the caching logic, state_nocomm.c none.
LIB_ALL := $(wildcard lib/*.c lib/x86/*.c)
LIB_SRC := $(filter-out lib/state_nocomm.c,$(LIB_ALL))
NOCOMM_SRC := $(filter-out lib/state.c,$(LIB_ALL))
LIB_OBJ := $(LIB_SRC:%.c=$(B)/obj/%.o)
NOCOMM_OBJ := $(NOCOMM_SRC:%.c=$(B)/obj/%.o)

# The fake kernel and its tools; all but main() also go into the tests.
SIM_SRC := $(wildcard sim/kernel/*.c sim/kernel/abi/*.c sim/backend/*.c \
	sim/engine/*.c sim/transport/*.c sim/observe/*.c sim/scenario/*.c \
	sim/cli/*.c)
SIM_OBJ := $(SIM_SRC:%.c=$(B)/obj/%.o)
CORE_OBJ := $(filter-out $(B)/obj/sim/cli/%,$(SIM_OBJ))

EXPORTS := sim/transport/exports.list
DYNAMIC := -Wl,--dynamic-list=$(EXPORTS)

PRODUCTS := $(B)/libnvmm.so $(B)/libnvmm.a $(B)/libnvmm-nocomm.so \
	$(B)/nvmm-sim

.PHONY: all run check test nightly bench packages headers clean
all: packages
	@$(MAKE) --no-print-directory products

.PHONY: products
products: $(PRODUCTS)

# --- packages ------------------------------------------------------------
packages:
	@NO_INSTALL=$(NO_INSTALL) sh tests/packages.sh build

# --- library -------------------------------------------------------------
$(B)/obj/lib/%.o: lib/%.c
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(CC) $(LIB_CFLAGS) -c -o $@ $<

$(B)/libnvmm.so: $(LIB_OBJ) lib/libnvmm.map
	$(say) LINK $@
	$(Q)$(CC) -shared -Wl,-soname,libnvmm.so -Wl,--version-script=lib/libnvmm.map \
	    $(LDFLAGS_$(VARIANT)) -o $@ $(LIB_OBJ) $(LIB_LIBS)

$(B)/libnvmm-nocomm.so: $(NOCOMM_OBJ) lib/libnvmm.map
	$(say) LINK $@
	$(Q)$(CC) -shared -Wl,-soname,libnvmm-nocomm.so \
	    -Wl,--version-script=lib/libnvmm.map \
	    $(LDFLAGS_$(VARIANT)) -o $@ $(NOCOMM_OBJ) $(LIB_LIBS)

$(B)/libnvmm.a: $(LIB_OBJ)
	$(say) AR $@
	@rm -f $@
	$(Q)$(AR) rcs $@ $(LIB_OBJ)

# --- simulator -----------------------------------------------------------
$(B)/obj/sim/%.o: sim/%.c
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(CC) $(SIM_CFLAGS) -c -o $@ $<

$(B)/nvmm-sim: $(SIM_OBJ) $(EXPORTS)
	$(say) LINK $@
	$(Q)$(CC) $(LDFLAGS_$(VARIANT)) $(DYNAMIC) -o $@ $(SIM_OBJ) $(SIM_LIBS)

run: all
	@$(B)/nvmm-sim run scenarios

clean:
	rm -rf build

-include $(LIB_OBJ:.o=.d) $(NOCOMM_OBJ:.o=.d) $(SIM_OBJ:.o=.d)
include tests/tests.mk
