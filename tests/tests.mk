# Tests, included by the Makefile.
#
#   make check    the suites and all scenarios: the fast inner loop
#   make test     all of it: also valgrind, sanitizers, coverage, mutants
#   make nightly  the same with large counts
#   make bench    figures, judged by nobody

ABI_SUITES := lib lib-v1 lib-v3 nomem nomem-v1 nomem-v3 layout layout-v1 layout-v3 \
	nocomm history-nocomm history-copying
SUITES := $(ABI_SUITES) kernel scenario cli interp exec
SUITE_BIN := $(SUITES:%=$(B)/tests/%)
TEST_CFLAGS = $(SIM_CFLAGS) -Itests $(shell pkg-config --cflags check 2>/dev/null)

PROPERTY_COUNT ?= 100000
PROPERTY_SEED ?= 1
NIGHTLY_COUNT ?= 2000000
FUZZ_COUNT ?= 1000000
FUZZ_SEED ?= 1
FUZZ_NIGHTLY ?= 100000000
NATIVE_COUNT ?= 100000
NATIVE_SEED ?= 1
NATIVE_NIGHTLY ?= 10000000
ASSIST_COUNT ?= 50000
ASSIST_SEED ?= 1
ASSIST_NIGHTLY ?= 5000000
WILD_COUNT ?= 300000
WILD_SEED ?= 1
WILD_NIGHTLY ?= 10000000

# Fair, since threads that wait for a turn are among the tests.
VALGRIND := TESTS_FEW=1 CK_TIMEOUT_MULTIPLIER=20 CK_DEFAULT_TIMEOUT=600 \
	valgrind -q --error-exitcode=99 --leak-check=full --fair-sched=yes
# Small counts: memcheck is some forty times slower.
VALGRIND_COUNT ?= 300

suite_obj = $(patsubst %.c,$(B)/obj/%.o,$(wildcard tests/$(1)/*.c))

$(B)/obj/tests/%.o: tests/%.c
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(CC) $(TEST_CFLAGS) -c -o $@ $<

# Suites that are compiled for each generation of the interface.
# $(call abi_suite,GENERATION,FOLDER,FLAGS,OTHER OBJECTS,LINKER'S FLAGS)
abi_suite_obj = $(patsubst tests/$(2)/%.c, \
	$(B)/obj/tests/$(2)$(SUFFIX_$(1))/%.o,$(wildcard tests/$(2)/*.c))
define abi_suite
$(B)/obj/tests/$(2)$(SUFFIX_$(1))/%.o: tests/$(2)/%.c
	@mkdir -p $$(@D)
	$$(say) CC $$<
	$$(Q)$$(CC) $(3) -DNVMM_ABI=$(1) -Itests -c -o $$@ $$<
$(B)/tests/$(2)$(SUFFIX_$(1)): $(call abi_suite_obj,$(1),$(2)) \
    $(B)/obj/tests/suite.o $(4)
	@mkdir -p $$(@D)
	$$(say) LINK $$@
	$$(Q)$$(CC) $$(LDFLAGS_$$(VARIANT)) $(5) -o $$@ $$^ $$(LIB_LIBS) \
	    $$(TEST_LIBS)
-include $(patsubst %.o,%.d,$(call abi_suite_obj,$(1),$(2)))
endef

# The library's own suite reaches its hidden names: it links the objects.
# What can run out is wrapped, for tests/lib/fault.c to make it fail.
comma := ,
WRAPPED := calloc aligned_alloc realloc mmap pthread_rwlock_init
WRAP := $(WRAPPED:%=-Wl$(comma)--wrap=%)
$(foreach abi,1 2 3,$(eval $(call abi_suite,$(abi),lib,$$(LIB_CFLAGS), \
	$(call lib_obj,$(abi),lib/state.c),$(WRAP))))

# The library without its caching logic, on the same fixture.
$(eval $(call abi_suite,2,nocomm,$$(LIB_CFLAGS), \
	$(addprefix $(B)/obj/tests/lib/,fixture.o fault.o) \
	$(call lib_obj,2,lib/state_nocomm.c),$(WRAP)))

# The cost models of its past, in front of a driver that only counts.
$(B)/obj/tests/history/%.o: TEST_CFLAGS += -Ilib -DNVMM_ABI=1
$(HISTORY:%=$(B)/tests/history-%): $(B)/tests/history-%: \
    $(B)/obj/tests/history/%.o $(B)/obj/tests/history/driver.o \
    $(B)/obj/tests/suite.o $(HISTORY_OBJ) $(B)/obj/lib-v1/history/%.o
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) $(LDFLAGS_$(VARIANT)) -o $@ $^ $(LIB_LIBS) $(TEST_LIBS)

# The driver's own idea of the interface against the public headers.
LAYOUT_OBJ := $(filter $(B)/obj/sim/kernel/abi/% %/kernel/state.o \
	%/kernel/stats.o,$(SIM_OBJ))
$(foreach abi,1 2 3,$(eval $(call abi_suite,$(abi),layout,$$(SIM_CFLAGS), \
	$(LAYOUT_OBJ))))

$(B)/tests/kernel: $(call suite_obj,kernel) $(B)/obj/tests/suite.o $(CORE_OBJ)
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) $(LDFLAGS_$(VARIANT)) $(DYNAMIC) -o $@ $^ $(TEST_LIBS)

$(B)/tests/scenario: $(call suite_obj,scenario) $(B)/obj/tests/suite.o $(CORE_OBJ)
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) $(LDFLAGS_$(VARIANT)) $(DYNAMIC) -o $@ $^ $(TEST_LIBS)

$(B)/tests/cli: $(call suite_obj,cli) $(B)/obj/tests/suite.o
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) $(LDFLAGS_$(VARIANT)) -o $@ $^ $(TEST_LIBS)

# Programs as anybody might have them: compiled with the public headers only,
# whatever the variant, and linked with the shared library.
EXEC_DIR := $(B)/tests/exec-programs
EXEC_PROGRAMS := $(patsubst tests/exec/programs/%.c,$(EXEC_DIR)/%, \
	$(filter-out %/check.c,$(wildcard tests/exec/programs/*.c)))
EXEC_CC = $(CC) -std=gnu11 -D_GNU_SOURCE -O2 -g -D_FORTIFY_SOURCE=2 $(WARN) \
	-Ilib/include -Ilib/compat -Itests/exec/programs
$(EXEC_PROGRAMS): $(EXEC_DIR)/%: tests/exec/programs/%.c \
    tests/exec/programs/check.c $(wildcard tests/exec/programs/*.h) \
    $(B)/libnvmm.so.2
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(EXEC_CC) -o $@ $< tests/exec/programs/check.c -L$(B) -lnvmm \
	    -Wl,-rpath,$(abspath $(B)) -lpthread

# One of them for each generation, and with the library linked in.
EXEC_HELLO := $(addprefix $(EXEC_DIR)/hello,-v1 -v3 -linked)
$(EXEC_DIR)/hello-linked: EXEC_LIB = $(B)/libnvmm.a -lZydis
exec_abi = -DNVMM_ABI=$(1) -L$(B) -lnvmm-v$(1) -Wl,-rpath,$(abspath $(B))
$(EXEC_DIR)/hello-v1: EXEC_LIB = $(call exec_abi,1)
$(EXEC_DIR)/hello-v3: EXEC_LIB = $(call exec_abi,3)
EXEC_LINK = $(if $(findstring linked,$@),$(LDFLAGS_$(VARIANT)))
$(EXEC_HELLO): tests/exec/programs/hello.c tests/exec/programs/check.c \
    $(wildcard tests/exec/programs/*.h) $(B)/libnvmm.a $(B)/libnvmm.so.1 \
    $(B)/libnvmm.so.3
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(EXEC_CC) -o $@ tests/exec/programs/hello.c \
	    tests/exec/programs/check.c $(EXEC_LIB) $(EXEC_LINK) -lpthread

# What runs a program and looks at it is the command line's.
$(B)/tests/exec: $(call suite_obj,exec) $(B)/obj/tests/suite.o $(addprefix \
    $(B)/obj/tests/cli/,run.o folder.o json.o) $(EXEC_PROGRAMS) $(EXEC_HELLO)
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) $(LDFLAGS_$(VARIANT)) -o $@ $(filter %.o,$^) $(TEST_LIBS)

$(B)/tests/model: $(call suite_obj,model) $(CORE_OBJ)
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) $(LDFLAGS_$(VARIANT)) $(DYNAMIC) -o $@ $^ $(SIM_LIBS)

# Unicorn is for comparisons, where somebody has installed it.
UNICORN = $(shell pkg-config --exists unicorn 2>/dev/null && \
	pkg-config $(1) unicorn)
UNICORN_OBJ := $(B)/obj/tests/bench/unicorn.o \
	$(B)/obj/tests/interp/oracle/unicorn.o
$(UNICORN_OBJ): TEST_CFLAGS += $(call UNICORN,--cflags) \
	$(if $(call UNICORN,--libs),-DWITH_UNICORN)
$(B)/tests/bench: $(call suite_obj,bench) $(CORE_OBJ)
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) $(LDFLAGS_$(VARIANT)) $(DYNAMIC) -o $@ $^ $(SIM_LIBS) \
	    $(call UNICORN,--libs)

$(B)/tests/threads: $(call suite_obj,threads) $(CORE_OBJ)
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) $(LDFLAGS_$(VARIANT)) $(DYNAMIC) -o $@ $^ $(SIM_LIBS)

# The kernel alone: no transport takes the host's calls.
KERNEL_OBJ := $(filter $(B)/obj/sim/kernel/% $(B)/obj/sim/backend/% \
	$(B)/obj/sim/engine/%,$(SIM_OBJ))

$(B)/tests/fuzz: $(call suite_obj,fuzz) $(KERNEL_OBJ)
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) $(LDFLAGS_$(VARIANT)) -o $@ $^ -lZydis -lpthread

# Library and kernel without memory: the linker takes every call that asks
# for some, and the transport comes without its libnvmm.
NOMEM_BIN := $(foreach abi,1 2 3,$(B)/tests/nomem$(SUFFIX_$(abi)))
NOMEM_WRAP := malloc calloc realloc aligned_alloc mmap memfd_create \
	ftruncate fcntl pthread_rwlock_init
$(NOMEM_BIN): LDFLAGS_$(VARIANT) += $(NOMEM_WRAP:%=-Wl,--wrap=%)
$(foreach abi,1 2 3,$(eval $(call abi_suite,$(abi),nomem, \
	$$(SIM_CFLAGS) -Ilib,$(call lib_obj,$(abi),lib/state.c) \
	$(KERNEL_OBJ) $(addprefix $(B)/obj/sim/transport/,device.o interpose.o \
	next.o open.o) \
	$(B)/obj/sim/transport/table.o)))

$(B)/tests/limits: $(call suite_obj,limits) $(KERNEL_OBJ)
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) $(LDFLAGS_$(VARIANT)) -o $@ $^ -lZydis -lpthread

# The interpreter alone, against the host's processor; memory is its own.
INTERP_OBJ := $(filter $(B)/obj/sim/engine/interp/%,$(SIM_OBJ)) \
	$(B)/obj/sim/engine/told.o $(B)/obj/sim/engine/insn.o

$(B)/tests/interp: $(call suite_obj,interp) $(B)/obj/tests/suite.o \
    $(B)/obj/sim/kernel/state.o $(INTERP_OBJ)
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) $(LDFLAGS_$(VARIANT)) -o $@ $^ $(TEST_LIBS) -lZydis

$(B)/tests/native: $(call suite_obj,interp/native) $(INTERP_OBJ)
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) $(LDFLAGS_$(VARIANT)) -o $@ $^ -lZydis -lpthread

$(B)/tests/wild: $(call suite_obj,interp/wild) \
    $(B)/obj/tests/interp/native/random.o $(INTERP_OBJ)
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) $(LDFLAGS_$(VARIANT)) -o $@ $^ -lZydis

# The rows of the interpreter's suite, on KVM.
$(B)/tests/oracle: $(call suite_obj,interp/oracle) $(filter-out \
    %/main.o,$(call suite_obj,interp)) $(B)/obj/sim/kernel/state.o \
    $(INTERP_OBJ)
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) $(LDFLAGS_$(VARIANT)) -o $@ $^ $(TEST_LIBS) -lZydis \
	    $(call UNICORN,--libs)

# The Mem assist in the interpreter: holes against RAM.
$(B)/tests/assist: $(call suite_obj,interp/assist) $(filter-out \
    %/host.o %/guest.o %/main.o,$(call suite_obj,interp/native)) $(CORE_OBJ)
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) $(LDFLAGS_$(VARIANT)) $(DYNAMIC) -o $@ $^ $(SIM_LIBS)

# Their symbols are for the library that they load.
INSTRUCTIONS := $(B)/tests/hit $(B)/tests/look
$(INSTRUCTIONS): $(B)/tests/%: $(B)/obj/tests/instructions/%.o
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) $(LDFLAGS_$(VARIANT)) -rdynamic -o $@ $< -ldl

# Small VMMs, for what memcheck has to say about them.
CALLERS := argument half clean
CALLER_BIN := $(CALLERS:%=$(B)/tests/memcheck-%)
$(CALLER_BIN): $(B)/tests/memcheck-%: $(B)/obj/tests/memcheck/%.o \
    $(B)/obj/tests/memcheck/stage.o $(CORE_OBJ)
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) $(LDFLAGS_$(VARIANT)) $(DYNAMIC) -o $@ $^ $(SIM_LIBS)

.PHONY: test-programs test-packages
test-programs: products $(SUITE_BIN) $(B)/tests/model
test-packages:
	@NO_INSTALL=$(NO_INSTALL) sh tests/packages.sh test

# --- what runs -------------------------------------------------------------
# In a folder's variant: each suite, the property test, all scenarios on both
# back ends, in all generations, and without a comm page.
#
# A suite's tests each have a process, unless CK_FORK=no: memcheck, sanitizers
# and coverage pay dearly for each.  What must have one is tagged "forks".
.PHONY: suites property scenarios fuzz limits native wild oracle assist
suites: test-programs
	@sh tests/layout/complete.sh
	@sh tests/lib/promises.sh
	@for s in $(ABI_SUITES); do echo "$(B)/tests/$$s"; \
		$(B)/tests/$$s || exit 1; done
	CK_EXCLUDE_TAGS=forks LIBNVMM=$(B)/libnvmm.so $(B)/tests/kernel
	CK_INCLUDE_TAGS=forks CK_FORK=yes LIBNVMM=$(B)/libnvmm.so \
	    $(B)/tests/kernel
	LIBNVMM=$(B)/libnvmm.so $(B)/tests/scenario
	CK_FORK=no $(B)/tests/interp
	CK_FORK=yes NVMM_SIM=$(B)/nvmm-sim $(B)/tests/cli
ifneq ($(filter release coverage,$(VARIANT)),)
	CK_FORK=yes NVMM_SIM=$(B)/nvmm-sim $(B)/tests/exec
else
	@echo "tests/exec: skipped: what is built with a sanitizer cannot be preloaded into programs that are not"
endif

property: test-programs
	$(B)/tests/model --library $(B)/libnvmm.so --seed $(PROPERTY_SEED) \
	    --count $(PROPERTY_COUNT)

# Calls of the driver that no caller should make.
fuzz: $(B)/tests/fuzz
	$(B)/tests/fuzz --seed $(FUZZ_SEED) --count $(FUZZ_COUNT) --jobs 2

# Random instructions, on the host and in the interpreter.
native: $(B)/tests/native
	$(B)/tests/native --seed $(NATIVE_SEED) --count $(NATIVE_COUNT)

# System behaviour against KVM, where the host has it.
oracle: $(B)/tests/oracle
	$(B)/tests/oracle

# Guests that execute anything at all.
wild: $(B)/tests/wild
	$(B)/tests/wild --seed $(WILD_SEED) --count $(WILD_COUNT)

# Half of them on each back end.
assist: products $(B)/tests/assist
	$(B)/tests/assist --library $(B)/libnvmm.so --cpu svm \
	    --seed $(ASSIST_SEED) --count $(ASSIST_COUNT)
	$(B)/tests/assist --library $(B)/libnvmm.so --cpu vmx \
	    --seed $(ASSIST_SEED)0 --count $(ASSIST_COUNT)

# All machines and VCPUs that there can be; LIMITS of the machines.
LIMITS ?= 128
limits: $(B)/tests/limits
	$(B)/tests/limits $(LIMITS)

# What the scenarios are run with: back end, generation, comm page, engine.
# Slow variants take each of them at least once.
SCENARIO_RUNS ?= $(foreach cpu,svm vmx,$(foreach abi,v1 v2 v3, \
	$(foreach comm,on off,$(cpu)/$(abi)/$(comm)/script)))
SCENARIO_FEW := svm/v2/on/script vmx/v3/on/script svm/v3/on/interp \
	vmx/v2/on/interp
scenarios: products
	@for run in $(SCENARIO_RUNS); do \
		set -- $$(echo $$run | tr / ' '); \
		echo "scenarios on $$1, $$2, comm page $$3, $$4"; \
		$(B)/nvmm-sim run --jobs 2 --timeout 600 --cpu $$1 \
		    --abi $$2 --comm $$3 --engine $$4 scenarios \
		    >$(B)/scenarios.txt || \
		    { cat $(B)/scenarios.txt; exit 1; }; \
		grep ' passed, ' $(B)/scenarios.txt; \
	done

# Every scenario on every engine: the same steps, the same counts.
.PHONY: agree
agree: products
	@sh tests/agree/run.sh $(B)

check: test-packages
	@$(MAKE) --no-print-directory suites scenarios
	@$(MAKE) --no-print-directory property PROPERTY_COUNT=2000

.PHONY: memcheck asan ubsan tsan threads coverage mutants faults rules instructions
# Each scenario once, every other file on the other back end; but not the
# guests that run wild, whom the sanitizers watch.
memcheck: test-programs $(B)/tests/limits $(CALLER_BIN)
	@sh tests/memcheck/run.sh $(B)
	CK_FORK=no $(VALGRIND) $(B)/tests/lib
	CK_FORK=no $(VALGRIND) $(B)/tests/nomem
	CK_FORK=no $(VALGRIND) $(B)/tests/lib-v3
	CK_FORK=no CK_EXCLUDE_TAGS=forks LIBNVMM=$(B)/libnvmm.so \
	    $(VALGRIND) $(B)/tests/kernel
	CK_INCLUDE_TAGS=forks LIBNVMM=$(B)/libnvmm.so $(VALGRIND) \
	    $(B)/tests/kernel
	CK_FORK=no LIBNVMM=$(B)/libnvmm.so $(VALGRIND) $(B)/tests/scenario
	$(VALGRIND) $(B)/tests/model --library $(B)/libnvmm.so \
	    --seed $(PROPERTY_SEED) --count $(VALGRIND_COUNT)
	LIMITS_NO_MEMORY=1 $(VALGRIND) $(B)/tests/limits 8
	@n=0; for file in $(filter-out %/guests_wild.lua, \
	    $(wildcard scenarios/*.lua)); do \
		n=$$((n + 1)); cpu=svm; [ $$((n % 2)) -eq 0 ] || cpu=vmx; \
		$(VALGRIND) --vex-guest-chase=no $(B)/nvmm-sim run \
		    --jobs 2 --timeout 600 --cpu $$cpu $$file \
		    >$(B)/memcheck.txt || \
		    { cat $(B)/memcheck.txt; exit 1; }; \
		echo "$$file on $$cpu:" \
		    "$$(grep ' passed, ' $(B)/memcheck.txt)"; \
	done

# Slower than release, so tests get more time.  asan has both sanitizers in
# one; ubsan alone is for a look by hand.
asan ubsan:
	@CK_FORK=no CK_TIMEOUT_MULTIPLIER=5 LIMITS_NO_MEMORY=1 CLI_FEW=1 $(MAKE) \
	    --no-print-directory VARIANT=$@ suites property scenarios fuzz \
	    wild limits PROPERTY_COUNT=5000 \
	    SCENARIO_RUNS="$(SCENARIO_FEW)"

# Who wants a whole machine holds more locks than TSan's detector of
# deadlocks can count.  A report that it symbolized itself would hang in our
# munmap: addr2line -e PROGRAM ADDRESS does that.
TSAN := TSAN_OPTIONS=detect_deadlocks=0:symbolize=0 timeout -k 1 300
tsan:
	@$(MAKE) --no-print-directory VARIANT=$@ threads
threads: products $(B)/tests/lib $(B)/tests/kernel $(B)/tests/threads
	CK_RUN_SUITE=threads CK_TIMEOUT_MULTIPLIER=5 $(TSAN) $(B)/tests/lib
	CK_RUN_SUITE=thread CK_TIMEOUT_MULTIPLIER=5 LIBNVMM=$(B)/libnvmm.so \
	    $(TSAN) $(B)/tests/kernel
	$(TSAN) $(B)/tests/threads $(B)/libnvmm.so v2
	$(TSAN) $(B)/tests/threads $(B)/libnvmm-v1.so v1
	$(TSAN) $(B)/tests/threads $(B)/libnvmm-v3.so v3

coverage:
	@SCENARIO_FEW="$(SCENARIO_FEW)" sh coverage/run.sh

instructions: products $(INSTRUCTIONS)
	@sh tests/instructions/run.sh $(B)

# Every allocation of nvmm-sim fails in turn.
faults: products
	@sh tests/faults/run.sh $(B) $(FAULTS_STRIDE)

# Every row of the kernel's tables has a scenario.
.PHONY: rows
rows: products
	@sh tests/rows/run.sh $(B)

# Programs with all of it linked in.
.PHONY: static
static: products
	@sh tests/static/run.sh $(B)

# Sources written for a BSD, on Linux; what `make install' makes; small VMMs
# built from that, under exec.
.PHONY: compat installed vmm
compat: products
	@sh tests/compat/run.sh $(B)
installed: products
	@sh tests/install/run.sh
vmm: products
	@sh tests/vmm/run.sh $(B)

mutants: products $(B)/tests/lib $(B)/tests/lib-v1 $(B)/tests/lib-v3
	@sh tests/mutants/run.sh

rules: products headers
	@sh tests/rules.sh
	@sh tests/man/run.sh
	@sh tests/man/scenario.sh $(B)

test: test-packages
	@$(MAKE) --no-print-directory CI=$(CI) test-programs rules
	@$(MAKE) --no-print-directory CI=$(CI) -j2 --output-sync=target asan \
	    coverage memcheck suites mutants faults scenarios tsan property \
	    rows agree instructions limits native wild oracle assist compat \
	    static installed vmm
	@echo "make test: all passed"

nightly: test-packages
	@$(MAKE) --no-print-directory test PROPERTY_COUNT=$(NIGHTLY_COUNT) \
	    FUZZ_COUNT=$(FUZZ_NIGHTLY) NATIVE_COUNT=$(NATIVE_NIGHTLY) \
	    ASSIST_COUNT=$(ASSIST_NIGHTLY) \
	    WILD_COUNT=$(WILD_NIGHTLY) \
	    VALGRIND_COUNT=5000

# A program that knows nothing of the simulator.
$(B)/tests/bench-preload: tests/bench/preload/main.c $(B)/libnvmm.so
	@mkdir -p $(@D)
	$(say) LINK $@
	$(Q)$(CC) $(COMMON) -MF $(B)/obj/tests/bench-preload.d -D_GNU_SOURCE \
	    -Ilib/compat -Ilib/include -o $@ $< -L$(B) -l:libnvmm.so \
	    -Wl,-rpath,$(CURDIR)/$(B) -ldl

bench: all
	@$(MAKE) --no-print-directory $(B)/tests/bench
	@$(B)/tests/bench $(B)/libnvmm.so $(B)/nvmm-sim
	@$(MAKE) --no-print-directory $(B)/tests/bench-preload
	@$(B)/nvmm-sim exec --quiet -- $(B)/tests/bench-preload
	@$(MAKE) --no-print-directory instructions

# Each header compiles alone.
.PHONY: headers
headers:
	@for h in $$(find lib/include lib/history lib/internal.h sim -name '*.h'); do \
		$(CC) $(SIM_CFLAGS) -Ilib -MF /dev/null -fsyntax-only -x c $$h \
		    || exit 1; done

-include $(patsubst %.o,%.d,$(foreach s,$(SUITES) history model bench instructions fuzz limits threads \
	interp/native interp/wild interp/oracle interp/assist,$(call suite_obj,$(s))) $(B)/obj/tests/suite.o)
