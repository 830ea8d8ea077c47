# headrace: one plain GNU Makefile.  `make help` lists the targets.
#
# Objects lie under $(B) (build/, or build/san-... with SAN=), never beside the
# sources, so that a sanitizer build and a normal one do not disturb each other.

PREFIX  ?= /usr/local
DESTDIR ?=
ifeq ($(origin CC),default)
CC      := cc
endif
CLANG   ?= clang
PKG_CONFIG ?= pkg-config
VERSION := $(shell cat VERSION)
SAN     ?=
comma   := ,
B       ?= build$(if $(SAN),/san-$(subst $(comma),-,$(SAN)))

DEPS := rdkafka jansson libconfig libpcre2-8
PKG_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(DEPS) 2>/dev/null)
PKG_LIBS   := $(shell $(PKG_CONFIG) --libs $(DEPS) 2>/dev/null) -lpaho-mqtt3as -lpthread

# What this compiler takes of the flags (or pairs of them) in the list.
try = $(if $(1),$(shell echo 'int x;' | $(CC) -Werror $(subst $(comma), ,$(firstword $(1))) \
	-x c -c -o /dev/null - 2>/dev/null && echo '$(subst $(comma), ,$(firstword $(1)))') \
	$(call try,$(wordlist 2,99,$(1))))

WARN := -Wall -Wextra -Wformat=2 -Wconversion -Wshadow -Wvla \
	-Wimplicit-fallthrough -Wstrict-prototypes -Wmissing-prototypes -Werror
HARDEN := $(call try,-fstack-clash-protection -fstack-protector-strong \
	-fno-delete-null-pointer-checks -fno-strict-overflow -fno-strict-aliasing \
	-fcf-protection=full -mbranch-protection=standard)
LDHARDEN := -pie -Wl,-z,relro,-z,now,-z,noexecstack,--as-needed

ifeq ($(SAN),)
# FORTIFY and zeroed automatic variables hide what the sanitizers look for.
OPT ?= -O2 -g $(call try,-U_FORTIFY_SOURCE$(comma)-D_FORTIFY_SOURCE=3 \
	-ftrivial-auto-var-init=zero)
else
OPT ?= -O1 -g -fno-omit-frame-pointer -fsanitize=$(SAN) -fno-sanitize-recover=all
LDHARDEN += -fsanitize=$(SAN)
endif

CPPFLAGS += -D_GNU_SOURCE -DHEADRACE_VERSION='"$(VERSION)"' -Isrc -I. $(PKG_CFLAGS)
ALL_CFLAGS := -std=c11 -fPIE $(OPT) $(WARN) $(HARDEN) -MMD -MP $(CFLAGS)
LDLIBS += $(PKG_LIBS)

LIB_SRC  := $(wildcard src/*/*.c kcql/*.c)
LIB_OBJ  := $(LIB_SRC:%.c=$(B)/%.o)
UNIT_SRC := $(wildcard tests/unit/*/test_*.c kcql/tests/test_*.c)
UNIT_BIN := $(UNIT_SRC:%.c=$(B)/%)
UNIT_AID := $(patsubst %.c,$(B)/%.o,$(wildcard tests/unit/*_check.c))
FUZZ_SRC := $(wildcard tests/fuzz/fuzz_*.c)
FUZZ_BIN := $(FUZZ_SRC:%.c=$(B)/%)
# source_drain alone is made of headrace's own parts.
TOOL_SRC := $(filter-out tests/tools/source_drain.c,$(wildcard tests/tools/*.c))
TOOL_BIN := $(TOOL_SRC:tests/tools/%.c=build/tools/%) $(B)/tools/source_drain

.PHONY: all check check-bins unit tools demo bench oracle fuzz fuzz-bins layers docs check-docs deps \
	install uninstall clean help headers FORCE
.SECONDARY:
all: $(B)/headrace ## build build/headrace

$(B)/headrace: $(B)/src/main.o $(B)/libheadrace.a
	$(CC) $(LDFLAGS) $(LDHARDEN) -o $@ $^ $(LDLIBS)

# The folders themselves: made again also when a source file has gone.
$(B)/libheadrace.a: $(LIB_OBJ) $(wildcard src/*/. kcql/.)
	@rm -f $@
	ar rcs $@ $(LIB_OBJ)

$(B)/%.o: %.c VERSION $(B)/flags | headers
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -c -o $@ $<

# Changes when compiler or flags do; then everything is made again.
$(B)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(subst ','\'',$(CC) $(CPPFLAGS) $(ALL_CFLAGS) $(LDFLAGS))' | cmp -s - $@ || \
		echo '$(subst ','\'',$(CC) $(CPPFLAGS) $(ALL_CFLAGS) $(LDFLAGS))' > $@

# A hint in time is better than the compiler's "no such file".
headers:
	@scripts/deps --headers "$(CC)"

# A unit test is one file; what several share lies in tests/unit/*_check.[ch].
$(B)/tests/unit/%: CPPFLAGS += -Itests/unit
$(UNIT_BIN): $(B)/%: $(B)/%.o $(UNIT_AID) $(B)/libheadrace.a
	$(CC) $(LDFLAGS) $(LDHARDEN) -o $@ $^ -lcmocka $(LDLIBS)

unit: $(UNIT_BIN) ## build and run the unit tests
	tests/run --build $(B) $(TEST_ARGS) unit

# The tests' own tools are never built with sanitizers: they make the load.
build/tools/%: tests/tools/%.c $(wildcard tests/tools/*.h)
	@mkdir -p $(@D)
	$(CC) -std=c11 -O2 -g -D_GNU_SOURCE $(WARN) $(PKG_CFLAGS) -o $@ $< $(PKG_LIBS)

$(B)/tools/source_drain: $(B)/tests/tools/source_drain.o $(B)/libheadrace.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) $(LDHARDEN) -o $@ $^ $(LDLIBS)

tools: $(TOOL_BIN)

deps: ## install what build and tests need (DEPS_FOR=build, check, fuzz or all)
	@scripts/deps $(or $(DEPS_FOR),check)

demo: ## try it: an MQTT-to-Kafka bridge with everything it needs, on this machine
	@scripts/deps demo
	@$(MAKE) --no-print-directory all
	build/headrace demo

# TEST_ARGS: options of tests/run (sanitizers need time), TESTS: its parts.
TEST_ARGS ?= $(if $(SAN),--slow 4)
TESTS ?= unit integration kafka chaos
check: ## unit, integration, Kafka and chaos tests, layers
	@scripts/deps check
	@$(MAKE) --no-print-directory check-bins
	@scripts/layers
	@$(MAKE) --no-print-directory check-docs
	tests/run --build $(B) $(TEST_ARGS) $(TESTS)

check-bins: $(B)/headrace $(UNIT_BIN) $(TOOL_BIN)

# The pages in docs/ that come from tables.
PAGES := configuration transforms converters
docs: $(B)/headrace ## write the pages that come from tables
	@for p in $(PAGES); do $(B)/headrace options --markdown $$p > docs/$$p.md || exit 1; done

check-docs: $(B)/headrace ## are these pages up to date?
	@for p in $(PAGES); do $(B)/headrace options --markdown $$p | cmp - docs/$$p.md || \
		{ echo "docs/$$p.md is stale: make docs" >&2; exit 1; }; done

layers: ## does each folder include only what stands below it?
	@scripts/layers

# FUZZ_SECONDS: for each target.
FUZZ_SECONDS ?= 600
fuzz: ## fuzz each parser for FUZZ_SECONDS (600)
	@scripts/deps fuzz
	@$(MAKE) --no-print-directory CC=$(CLANG) B=build/fuzz \
		SAN=fuzzer-no-link,address,undefined fuzz-bins
	tests/fuzz/run build/fuzz $(FUZZ_SECONDS)

fuzz-bins: $(FUZZ_BIN)
$(FUZZ_BIN): $(B)/%: $(B)/%.o $(B)/libheadrace.a
	$(CC) $(LDFLAGS) $(LDHARDEN) -fsanitize=fuzzer -o $@ $^ $(LDLIBS)

bench: $(B)/headrace $(TOOL_BIN) ## CPU and memory per message, against the floor
	tests/bench/run

DOC := $(DESTDIR)$(PREFIX)/share/doc/headrace/examples
MAN := $(DESTDIR)$(PREFIX)/share/man
VIM := $(DESTDIR)$(PREFIX)/share/vim/vimfiles
install: $(B)/headrace ## binary, manual pages, examples, Vim syntax (PREFIX, DESTDIR)
	install -D -m 755 $(B)/headrace $(DESTDIR)$(PREFIX)/bin/headrace
	@for f in packaging/man/*.[1-8]; do \
		if [ -e "$$f" ]; then \
			install -D -m 644 "$$f" "$(MAN)/man$${f##*.}/$${f##*/}" || exit 1; fi; done
	@for f in config/*; do \
		if [ -f "$$f" ]; then install -D -m 644 "$$f" "$(DOC)/$${f##*/}" || exit 1; fi; done
	@for f in syntax ftdetect ftplugin; do for v in packaging/vim/$$f/*.vim; do \
		if [ -e "$$v" ]; then \
			install -D -m 644 "$$v" "$(VIM)/$$f/$${v##*/}" || exit 1; fi; done; done

uninstall: ## remove what install put there
	rm -f $(DESTDIR)$(PREFIX)/bin/headrace
	@for f in packaging/man/*.[1-8]; do rm -f "$(MAN)/man$${f##*.}/$${f##*/}"; done
	@for f in packaging/vim/*/*.vim; do rm -f "$(VIM)/$${f#packaging/vim/}"; done
	rm -rf $(DESTDIR)$(PREFIX)/share/doc/headrace

clean: ## remove build/
	rm -rf build

help: ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1|\2/p' Makefile | column -t -s '|'
	@echo "  SAN=address,undefined or SAN=thread: build and test with sanitizers (build/san-...)"

-include $(LIB_OBJ:.o=.d) $(B)/src/main.d $(UNIT_BIN:=.d) $(UNIT_AID:.o=.d) $(FUZZ_BIN:=.d)
