# What `make install' puts where, included by the Makefile.
#
# Everything that nvmm-sim looks for beside itself is in one folder,
# $(LIBDIR)/nvmm-sim, as it is in build/; $(BINDIR)/nvmm-sim is a link there.
# So no path is compiled in, and the whole tree can be moved.

PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
DATADIR ?= $(PREFIX)/share
MANDIR ?= $(DATADIR)/man
PCDIR ?= $(LIBDIR)/pkgconfig

VERSION := $(shell sed -n 's/^#define NVMM_SIM_VERSION.*"\(.*\)"/\1/p' \
	sim/cli/cli.h)

# Files of build/ that nvmm-sim looks for beside itself, and libraries that
# programs link with.  What is new is one more name.
INSTALL_BESIDE := nvmm-sim $(notdir $(PRELOAD) $(PRELOAD_KERNEL)) \
	$(foreach abi,1 2 3,libnvmm$(SUFFIX_$(abi))-nocomm.so) \
	$(HISTORY:%=libnvmm-history-%.so)
INSTALL_LIBS := libnvmm.a libnvmm-sim-static.a

# $(call put,MODE,FILES,FOLDER)
put = install -d $(DESTDIR)$(3) && install -m $(1) $(2) $(DESTDIR)$(3)
# $(call put_tree,FOLDER,FOLDER): its headers
put_tree = (cd $(1) && find . -name '*.h') | while read -r h; do \
	install -D -m 644 $(1)/$$h $(DESTDIR)$(2)/$$h || exit 1; done
# $(call put_link,FILE,LINK): relative, so that the tree can be moved
put_link = ln -srfn $(DESTDIR)$(1) $(DESTDIR)$(2)
# $(call put_pc,NAME,TEMPLATE,GENERATION)
put_pc = install -d $(DESTDIR)$(PCDIR) && sed -e 's|@PREFIX@|$(PREFIX)|' \
	-e 's|@BINDIR@|$(call in_prefix,$(BINDIR))|' \
	-e 's|@LIBDIR@|$(call in_prefix,$(LIBDIR))|' \
	-e 's|@INCLUDEDIR@|$(call in_prefix,$(INCLUDEDIR))|' \
	-e 's|@DATADIR@|$(call in_prefix,$(DATADIR))|' \
	-e 's|@VERSION@|$(VERSION)|' -e 's|@ABI@|$(3)|' \
	-e 's|@SUFFIX@|$(SUFFIX_$(3))|' \
	-e "s|@WRAP@|$$(cat $(B)/nvmm-sim-static.options)|" \
	pkgconfig/$(2).pc.in >$(DESTDIR)$(PCDIR)/$(1).pc
in_prefix = $(patsubst $(PREFIX)/%,$${prefix}/%,$(1))

.PHONY: install install-lib install-sim uninstall
install: products
	@$(MAKE) --no-print-directory install-lib install-sim

# libnvmm.so.N is generation N's; -lnvmm is v2, -lnvmm-v1 and -lnvmm-v3 the
# others.
define install_generation
	$(Q)install -m 644 $(B)/libnvmm$(SUFFIX_$(1)).so \
	    $(DESTDIR)$(LIBDIR)/libnvmm.so.$(1).$(VERSION)
	$(Q)$(call put_link,$(LIBDIR)/libnvmm.so.$(1).$(VERSION),$(LIBDIR)/libnvmm.so.$(1))
	$(Q)$(call put_link,$(LIBDIR)/libnvmm.so.$(1),$(LIBDIR)/libnvmm$(SUFFIX_$(1)).so)
	$(Q)$(call put_pc,nvmm$(SUFFIX_$(1)),nvmm,$(1))

endef
install-lib:
	$(say) INSTALL "libnvmm, in $(DESTDIR)$(LIBDIR)"
	$(Q)$(call put,644,$(INSTALL_LIBS:%=$(B)/%),$(LIBDIR))
	$(foreach abi,1 2 3,$(call install_generation,$(abi)))
	$(Q)$(call put_tree,lib/include,$(INCLUDEDIR))
	$(Q)$(call put_tree,lib/compat,$(INCLUDEDIR)/nvmm-sim/compat)
	$(Q)$(call put_pc,nvmm-sim-compat,nvmm-sim-compat)
	$(Q)$(call put,644,$(wildcard lib/man/*.3),$(MANDIR)/man3)

SIM_DATA = $(DATADIR)/nvmm-sim
install-sim:
	$(say) INSTALL "nvmm-sim, in $(DESTDIR)$(BINDIR)"
	$(Q)$(call put,755,$(INSTALL_BESIDE:%=$(B)/%),$(LIBDIR)/nvmm-sim)
	$(Q)$(call put,644,$(GUESTS),$(SIM_DATA)/guests)
	$(Q)$(call put,644,$(wildcard scenarios/*.lua),$(SIM_DATA)/scenarios)
	$(Q)$(call put,644,$(wildcard scenarios/data/*),$(SIM_DATA)/scenarios/data)
	$(Q)for abi in '' -v1 -v3; do \
	    ln -srfn $(DESTDIR)$(LIBDIR)/libnvmm$$abi.so \
		$(DESTDIR)$(LIBDIR)/nvmm-sim/ || exit 1; done
	$(Q)$(call put_link,$(SIM_DATA)/guests,$(LIBDIR)/nvmm-sim/guests)
	$(Q)$(call put_link,$(SIM_DATA)/scenarios,$(LIBDIR)/nvmm-sim/scenarios)
	$(Q)install -d $(DESTDIR)$(BINDIR)
	$(Q)$(call put_link,$(LIBDIR)/nvmm-sim/nvmm-sim,$(BINDIR)/nvmm-sim)
	$(Q)$(call put_pc,nvmm-sim,nvmm-sim)
	$(Q)$(call put_pc,nvmm-sim-static,nvmm-sim-static)
	$(Q)$(call put,644,$(wildcard sim/man/*.1),$(MANDIR)/man1)
	$(Q)$(call put,644,$(wildcard sim/man/*.5),$(MANDIR)/man5)

uninstall:
	$(Q)rm -rf $(DESTDIR)$(LIBDIR)/nvmm-sim $(DESTDIR)$(SIM_DATA) \
	    $(DESTDIR)$(INCLUDEDIR)/nvmm-sim
	$(Q)(cd lib/include && find . -name '*.h') | while read -r h; do \
	    rm -f $(DESTDIR)$(INCLUDEDIR)/$$h; done
	$(Q)for d in dev/virtual/nvmm/x86 dev/virtual/nvmm dev/virtual \
	    dev/nvmm/x86 dev/nvmm dev; do \
	    rmdir $(DESTDIR)$(INCLUDEDIR)/$$d 2>/dev/null || :; done
	$(Q)rm -f $(DESTDIR)$(BINDIR)/nvmm-sim $(INSTALL_LIBS:%=$(DESTDIR)$(LIBDIR)/%) \
	    $(foreach abi,1 2 3,$(DESTDIR)$(LIBDIR)/libnvmm$(SUFFIX_$(abi)).so \
	    $(DESTDIR)$(LIBDIR)/libnvmm.so.$(abi) \
	    $(DESTDIR)$(LIBDIR)/libnvmm.so.$(abi).$(VERSION) \
	    $(DESTDIR)$(PCDIR)/nvmm$(SUFFIX_$(abi)).pc) \
	    $(DESTDIR)$(PCDIR)/nvmm-sim.pc \
	    $(DESTDIR)$(PCDIR)/nvmm-sim-static.pc $(DESTDIR)$(PCDIR)/nvmm-sim-compat.pc \
	    $(patsubst lib/man/%,$(DESTDIR)$(MANDIR)/man3/%,$(wildcard lib/man/*.3)) \
	    $(patsubst sim/man/%,$(DESTDIR)$(MANDIR)/man1/%,$(wildcard sim/man/*.1)) \
	    $(patsubst sim/man/%,$(DESTDIR)$(MANDIR)/man5/%,$(wildcard sim/man/*.5))
