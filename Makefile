# headrace: one plain GNU Makefile.  `make help` lists the targets.
#
# Objects lie under $(B) (build/, or build/san-... with SAN=), never beside the
# sources, so that a sanitizer build and a normal one do not disturb each other.

PREFIX  ?= /usr/local
DESTDIR ?=
CC      ?= cc
CLANG   ?= clang
PKG_CONFIG ?= pkg-config
VERSION := $(shell cat VERSION)
SAN     ?=
comma   := ,
B       ?= build$(if $(SAN),/san-$(subst $(comma),-,$(SAN)))

DEPS := rdkafka jansson libconfig
PKG_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(DEPS) 2>/dev/null)
PKG_LIBS   := $(shell $(PKG_CONFIG) --libs $(DEPS) 2>/dev/null) -lpaho-mqtt3as -lpthread

WARN := -Wall -Wextra -Wformat=2 -Wconversion -Wshadow -Wvla \
	-Wimplicit-fallthrough -Wstrict-prototypes -Wmissing-prototypes -Werror
HARDEN := -fstack-clash-protection -fstack-protector-strong \
	-fno-delete-null-pointer-checks -fno-strict-overflow -fno-strict-aliasing
HARDEN += $(if $(filter x86_64,$(shell uname -m)),-fcf-protection=full)
HARDEN += $(if $(filter aarch64,$(shell uname -m)),-mbranch-protection=standard)
LDHARDEN := -pie -Wl,-z,relro,-z,now,-z,noexecstack,--as-needed

ifeq ($(SAN),)
# FORTIFY and zeroed automatic variables hide what the sanitizers look for.
OPT ?= -O2 -g -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -ftrivial-auto-var-init=zero
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

.PHONY: all check unit demo bench fuzz layers deps install uninstall clean help
all: $(B)/headrace

$(B)/headrace: $(B)/src/main.o $(B)/libheadrace.a
	$(CC) $(LDFLAGS) $(LDHARDEN) -o $@ $^ $(LDLIBS)

$(B)/libheadrace.a: $(LIB_OBJ)
	@rm -f $@
	ar rcs $@ $^

$(B)/%.o: %.c VERSION
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -c -o $@ $<

# A unit test is one file; what several share lies in tests/unit/*_check.[ch].
$(B)/tests/unit/%: CPPFLAGS += -Itests/unit
$(UNIT_BIN): $(B)/%: $(B)/%.o $(B)/libheadrace.a
	$(CC) $(LDFLAGS) $(LDHARDEN) -o $@ $^ -lcmocka $(LDLIBS)

unit: $(UNIT_BIN)

layers:
	@scripts/layers

clean:
	rm -rf build

-include $(shell test -d $(B) && find $(B) -name '*.d')
