#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Sources written for a BSD compile on Linux with what nvmm-sim-compat.pc
# says, as NetBSD and as DragonFly, with gcc and clang, in GNU C and in strict
# C11; every constant is right; and a Linux program with hundreds of system
# headers around <nvmm.h> compiles too.  Only installed files are used.
#
# usage: tests/compat/run.sh [BUILD-FOLDER], from the repository's root

set -u

build=${1:-build}
here=$PWD/tests/compat
out=$PWD/$build/compat
prefix=$out/installed
failed=0
ran=0

complain() {
	echo "compat: $*" >&2
	failed=1
}

rm -rf "$out"
mkdir -p "$out" || exit 1
MAKEFLAGS= make -s install PREFIX="$prefix" DESTDIR= LIBDIR="$prefix/lib" >/dev/null ||
    exit 1
cd "$out" || exit 1
PKG_CONFIG_PATH=$prefix/lib/pkgconfig
export PKG_CONFIG_PATH
bsd=$(pkg-config --cflags nvmm-sim-compat) || exit 1
compat=$(pkg-config --variable=compatdir nvmm-sim-compat)
plain=$(pkg-config --cflags nvmm) || exit 1

compilers=
for c in gcc clang; do
	command -v "$c" >/dev/null && compilers="$compilers $c"
done
warn="-Wall -Wextra -Wconversion -Wno-sign-conversion -Wundef -Werror"

# $1: name of the program, $2: its source; the others: options
build_one() {
	name=$1 source=$2
	shift 2
	# shellcheck disable=SC2086 # lists of options
	"$compiler" $warn "$@" -o "$name" "$here/$source" 2>cc.err && return 0
	complain "$source does not compile with: $compiler $*"
	head -n 10 cc.err >&2
	return 1
}

# What it prints must be the file of its name with .expected.
run_one() {
	ran=$((ran + 1))
	"./$1" >"$1.out" 2>"$1.err"
	status=$?
	[ "$status" = 0 ] || complain "$1 ends with status $status"
	cat "$1.err" >>"$1.out"
	cmp -s "$1.out" "$here/$1.expected" && return
	complain "$1 says something else than $1.expected:"
	diff "$1.out" "$here/$1.expected" >&2
}

# In the flavour $1, in C as $2.
flavour() {
	lower=$(echo "$1" | tr '[:upper:]' '[:lower:]')
	# shellcheck disable=SC2086
	build_one constants constants.c $bsd "-std=$2" "-D__$1__" &&
	    { ./constants || complain "constants as $1"; }
	# Without libbsd there is the same from us.
	build_one constants constants.c "-I$compat" "-I$prefix/include" \
	    "-std=$2" "-D__$1__"
	# shellcheck disable=SC2086
	build_one alone alone.c $bsd "-std=$2" "-D__$1__"
	# shellcheck disable=SC2086
	build_one "$lower" "$lower.c" $bsd "-std=$2" "-D__$1__" &&
	    run_one "$lower"
	# shellcheck disable=SC2086
	build_one members members.c $bsd "-std=$2" "-D__$1__" &&
	    run_one members
}

# The paths $1 give generation $2, with the options that follow.
view() {
	paths=$1 wanted=$2
	shift 2
	# shellcheck disable=SC2086
	build_one views views.c -fsyntax-only $bsd "-DPATHS=$paths" "-DWANTED=$wanted" "$@"
}

views() {
	view dev/nvmm 2
	view dev/nvmm 2 -D__NetBSD__
	view dev/nvmm 1 -D__NetBSD__ -DNVMM_ABI=1
	view dev/nvmm 3 -D__DragonFly__
	view dev/virtual/nvmm 3
	view dev/virtual/nvmm 3 -D__DragonFly__
	view dev/virtual/nvmm 2 -D__DragonFly__ -DNVMM_ABI=2
}

# A libnvmm of BSD's: our own as one, in flavour $1, generation $2.
library() {
	lib=$(dirname "$here")/../lib
	case $2 in
	3)	only="$lib/abi_v3.c" ;;
	*)	only="$lib/abi_v$2.c $lib/comm_mmap.c" ;;
	esac
	# shellcheck disable=SC2046,SC2086 # lists of files and options
	if ! ${CC:-cc} -shared -fPIC $semantic "-D__$1__" $bsd "-I$lib" \
	    -o "./libnvmm-$1.so" $(ls "$lib"/*.c "$lib"/x86/*.c |
	    grep -v -e /abi_v -e /comm_mmap -e /state_nocomm) $only \
	    $(pkg-config --libs nvmm-sim-compat) -lZydis 2>cc.err; then
		complain "libnvmm does not compile as $1's:"
		head -n 10 cc.err >&2
		return
	fi
	"$prefix/bin/nvmm-sim" run --libnvmm "./libnvmm-$1.so" \
	    "$scenarios/caching.lua" >"$1.txt" 2>&1 &&
	    grep -q ", abi v$2," "$1.txt" || {
		complain "libnvmm as $1's does not pass:"
		tail -n 5 "$1.txt" >&2
	}
}

# $1: a list of headers.  It and its two halves, in their order, since Linux's
# headers want the C library's first.
headers() {
	while read -r h; do
		printf '#if __has_include(<%s>)\n#include <%s>\n#endif\n' \
		    "$h" "$h"
	done <"$1" >all.h
	half=$(($(wc -l <all.h) / 6 * 3))
	head -n "$half" all.h >first.h
	tail -n "+$((half + 1))" all.h >second.h
	printf '#include "all.h"\n' | "$compiler" -D_GNU_SOURCE -I. \
	    -fsyntax-only -xc - 2>all.err
}
grep -v '^#' "$here/headers.txt" | tr ' ' '\n' >everything
grep -v -e '^linux/' -e '^asm/' everything >library
printf 'linux/if_tun.h\nlinux/kvm.h\n' >>library

# $1, $2: what is before and after <nvmm.h>; the others: options
many() {
	cp "$1" before.h
	cp "$2" after.h
	shift 2
	build_one many many.c -I. -D_GNU_SOURCE "$@"
}

for compiler in $compilers; do
	for std in gnu11 c11; do
		flavour NetBSD $std
		flavour DragonFly $std
	done
	build_one members members.c && run_one members
	# shellcheck disable=SC2086
	build_one alone alone.c $bsd
	views
	if ! headers everything; then
		echo "$compiler: Linux's headers do not agree here; without:"
		head -n 3 all.err
		headers library || complain "the C library's do not agree"
	fi
	echo "$compiler: flavours, views, $(grep -c '^#include' all.h) headers"
	for flags in "$plain" "$bsd"; do
		# shellcheck disable=SC2086
		many all.h /dev/null $flags
		# shellcheck disable=SC2086
		many /dev/null all.h $flags
		# shellcheck disable=SC2086
		many first.h second.h $flags
	done
done

# A program in C++.
for compiler in g++ clang++; do
	command -v "$compiler" >/dev/null || continue
	# shellcheck disable=SC2046,SC2086
	printf '%s\n' '#include <nvmm.h>' \
	    'int main() { return nvmm_machine_destroy(nullptr) == __BIT(3); }' |
	    "$compiler" -Wall -Wextra -Werror $plain -o cxx -xc++ - -xnone \
	    $(pkg-config --libs nvmm) || complain "nvmm.h is none for $compiler"
done

# clang binds a library's own calls unless told not to.
semantic=
${CC:-cc} --version | grep -q clang && semantic=-fsemantic-interposition
scenarios=$(pkg-config --variable=scenarios nvmm-sim)
library NetBSD 2
library DragonFly 3

[ "$ran" -ge 9 ] || complain "only $ran programs were run"
[ "$failed" = 0 ] && echo "compat: all as on a BSD"
exit "$failed"
