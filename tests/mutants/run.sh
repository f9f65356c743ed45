#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Are the scenarios able to see a broken cache?  Each mutant is libnvmm with
# one line of lib/state.c changed by a sed expression; running the scenarios
# on it must fail.  Prints who caught it, and what the author of such a change
# would read first.  Fails when a mutant survives, does not build, or when its
# expression no longer fits the file.
#
# usage: tests/mutants/run.sh [BUILD-FOLDER], from the repository's root, with
# everything built.

set -u

build=${1:-build}
out=$build/mutants
cc=${CC:-cc}
failed=0
mutants=0

# The protocol first: its messages are the plainest.  The boot load would only
# repeat them, a hundred thousand times.
files=scenarios/caching.lua
for file in scenarios/*.lua; do
	case $file in
	scenarios/caching.lua | scenarios/linux_boot.lua) ;;
	*) files="$files $file" ;;
	esac
done

objects=
for object in "$build"/obj/lib/*.o "$build"/obj/lib/x86/*.o; do
	case $object in
	*/state.o | */state_nocomm.o) ;;
	*) objects="$objects $object" ;;
	esac
done

complain() {
	printf '  FAILED: %s\n' "$*"
	failed=$((failed + 1))
}

# build_library NAME: $out/NAME.c and the other objects to $out/NAME.so
build_library() {
	# shellcheck disable=SC2086 # a list of files without spaces
	"$cc" -std=gnu11 -O1 -fPIC -w -D_DEFAULT_SOURCE -Ilib -Ilib/compat \
	    -Ilib/include -shared -Wl,--version-script=lib/libnvmm.map \
	    -o "$out/$1.so" "$out/$1.c" $objects -lZydis -lpthread \
	    >"$out/$1.log" 2>&1
}

# run_scenarios NAME: the exit status; the report is $out/NAME.txt
run_scenarios() {
	# shellcheck disable=SC2086 # a list of files without spaces
	"$build/nvmm-sim" run --jobs 2 --timeout 20 \
	    --libnvmm "$out/$1.so" $files >"$out/$1.txt" 2>&1
}

# first_name REPORT: of the first scenario that failed
first_name() {
	sed -n "s/^ *again: .* --filter '\(.*\)' [^ ]*\$/\1/p" "$1" |
	    sed -e "s/'\\\\''/'/g" -e q
}

# first_reason VERDICT REPORT: what the first scenario with it says
first_reason() {
	sed -n "/ $1  *[0-9]/{
n
s/^ *//p
q
}" "$2"
}

# mutant NAME EXPRESSION
mutant() {
	mutants=$((mutants + 1))
	id=mutant$mutants
	printf '%s\n' "$1"
	sed -e "$2" lib/state.c >"$out/$id.c"
	changed=$(diff lib/state.c "$out/$id.c" | grep -c '^<')
	if [ "$changed" -ne 1 ]; then
		complain "'$2' changes $changed lines of lib/state.c, not 1:" \
		    "the table in tests/mutants/run.sh is stale"
		return
	fi
	if ! build_library "$id"; then
		complain "does not build:"
		cat "$out/$id.log"
		return
	fi
	run_scenarios "$id"
	status=$?
	case $status in
	0)	complain "survives: all scenarios pass"
		return ;;
	1)	;;
	*)	complain "exit status $status, expected 1: a scenario breaks" \
		    "instead of failing: $(first_reason error "$out/$id.txt")"
		return ;;
	esac
	printf '  caught by %s, first "%s":\n    %s\n' \
	    "$(grep -c ' fail  *[0-9]' "$out/$id.txt")" \
	    "$(first_name "$out/$id.txt")" \
	    "$(first_reason fail "$out/$id.txt")"
}

mkdir -p "$out" || exit 1

# Built in the same way, the library as it is must pass.
cp lib/state.c "$out/original.c" || exit 1
if ! build_library original; then
	cat "$out/original.log"
	exit 1
fi
if ! run_scenarios original; then
	cat "$out/original.txt"
	echo "the library fails as it is: mutants would tell nothing"
	exit 1
fi

mutant "setstate forgets state_commit: nothing reaches the VCPU" \
    '/comm->state_commit |= flags;/d'
mutant "setstate replaces state_commit: the last set wins" \
    's/state_commit |= flags/state_commit = flags/'
mutant "setstate commits more than it was given" \
    's/state_commit |= flags/state_commit |= ~0ULL/'
mutant "setstate forgets state_cached: a get fetches what was set" \
    '/comm->state_cached |= flags;/d'
mutant "setstate replaces state_cached: a get fetches all else again" \
    's/state_cached |= flags/state_cached = flags/'
mutant "setstate marks everything cached: a get trusts stale state" \
    's/state_cached |= flags/state_cached |= ~0ULL/'
mutant "getstate ignores the cache: each get is a syscall" \
    's/missing = flags & ~comm->state_cached;/missing = flags;/'
mutant "getstate trusts everything: no get is a syscall" \
    's/return fetch(mach, vcpu, missing);/return 0;/'
mutant "getstate fetches all that was asked for, not what is missing" \
    's/return fetch(mach, vcpu, missing);/return fetch(mach, vcpu, flags);/'
mutant "getstate fetches what is cached, not what is missing" \
    's/flags & ~comm->state_cached/flags \& comm->state_cached/'
mutant "getstate takes a partial hit for a hit" \
    's/missing == 0/missing != flags/'
mutant "getstate does not say what it wants" \
    '/comm->state_wanted = missing;/d'
mutant "getstate wants one component too many" \
    's/comm->state_wanted = missing;/comm->state_wanted = missing | 1;/'
mutant "getstate asks about another VCPU" \
    's/\.cpuid = vcpu->cpuid,/.cpuid = 0,/'
mutant "getstate asks about another machine" \
    's/\.machid = mach->machid,/.machid = 0,/'
mutant "inject does nothing: events are lost" \
    '/comm->event_commit = true;/d'

printf '\n%s mutants, %s not as expected\n' "$mutants" "$failed"
[ "$failed" -eq 0 ]
