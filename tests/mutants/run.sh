#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Are the tests able to see a broken library?  Each mutant is libnvmm with one
# line changed by a sed expression.  Those of lib/state.c, the cache, must fail
# the scenarios; those of other files must fail the library's own suite.
# Prints who caught it, and what the author of such a change would read first.
# Fails when a mutant survives, does not build, or when its expression no
# longer fits the file.
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

# mutate NAME FILE EXPRESSION: writes $out/$id.c, the next mutant
mutate() {
	mutants=$((mutants + 1))
	id=mutant$mutants
	printf '%s\n' "$1"
	sed -e "$3" "$2" >"$out/$id.c"
	changed=$(diff "$2" "$out/$id.c" | grep -c '^<')
	[ "$changed" -eq 1 ] && return 0
	complain "'$3' changes $changed lines of $2, not 1:" \
	    "the table in tests/mutants/run.sh is stale"
	return 1
}

# mutant NAME EXPRESSION: of lib/state.c
mutant() {
	mutate "$1" lib/state.c "$2" || return
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

# As in tests/tests.mk.
wrap=
for function in calloc aligned_alloc realloc mmap pthread_rwlock_init; do
	wrap="$wrap -Wl,--wrap=$function"
done

# build_suite FILE GENERATION: tests/lib with $out/$id.c instead of FILE
build_suite() {
	name=${1#lib/}
	suffix=-v$2
	[ "$2" = 2 ] && suffix=
	others=
	for object in "$build/obj/lib$suffix"/*.o \
	    "$build/obj/lib$suffix"/x86/*.o "$build/obj/tests/suite.o" \
	    "$build/obj/tests/lib$suffix"/*.o; do
		case $object in
		*/state_nocomm.o | */lib"$suffix/${name%.c}".o) ;;
		*) others="$others $object" ;;
		esac
	done
	# shellcheck disable=SC2046,SC2086 # lists without spaces
	"$cc" -std=gnu11 -O1 -w -D_DEFAULT_SOURCE -DNVMM_ABI="$2" -Ilib \
	    $wrap \
	    -Ilib/x86 -Ilib/compat -Ilib/include -o "$out/$id" "$out/$id.c" \
	    $others \
	    -lZydis $(pkg-config --libs check) -lpthread >"$out/$id.log" 2>&1
}

# suite_mutant NAME FILE GENERATION EXPRESSION
suite_mutant() {
	mutate "$1" "$2" "$4" || return
	if ! build_suite "$2" "$3"; then
		complain "does not build:"
		cat "$out/$id.log"
		return
	fi
	if TESTS_FEW=1 "$out/$id" >"$out/$id.txt" 2>&1; then
		complain "survives: the library's own suite passes"
		return
	fi
	printf '  caught by %s, first "%s"\n' \
	    "$(grep -c '^not ok' "$out/$id.txt")" \
	    "$(sed -n 's/^not ok [^:]*:[^:]*:\([^:]*\):.*/\1/p' \
	    "$out/$id.txt" | head -n 1)"
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
    '/flags_add(&comm->state_commit, flags);/d'
mutant "setstate replaces state_commit: the last set wins" \
    's/flags_add(&comm->state_commit, flags)/comm->state_commit = flags/'
mutant "setstate commits more than it was given" \
    's/flags_add(&comm->state_commit, flags)/flags_add(\&comm->state_commit, ~0ULL)/'
mutant "setstate forgets state_cached: a get fetches what was set" \
    '/flags_add(&comm->state_cached, flags);/d'
mutant "setstate replaces state_cached: a get fetches all else again" \
    's/flags_add(&comm->state_cached, flags)/comm->state_cached = flags/'
mutant "setstate marks everything cached: a get trusts stale state" \
    's/flags_add(&comm->state_cached, flags)/flags_add(\&comm->state_cached, ~0ULL)/'
mutant "getstate ignores the cache: each get is a syscall" \
    's/missing = flags & ~flags_load(&comm->state_cached);/missing = flags;/'
mutant "getstate trusts everything: no get is a syscall" \
    's/return fetch(mach, vcpu, missing);/return 0;/'
mutant "getstate fetches all that was asked for, not what is missing" \
    's/return fetch(mach, vcpu, missing);/return fetch(mach, vcpu, flags);/'
mutant "getstate fetches what is cached, not what is missing" \
    's/flags & ~flags_load/flags \& flags_load/'
mutant "getstate takes a partial hit for a hit" \
    's/missing == 0/missing != flags/'
mutant "getstate does not say what it wants" \
    '/&comm->state_wanted, missing,/d'
mutant "getstate wants one component too many" \
    's/&comm->state_wanted, missing,/\&comm->state_wanted, missing | 1,/'
mutant "getstate asks about another VCPU" \
    's/\.cpuid = vcpu->cpuid,/.cpuid = 0,/'
mutant "getstate asks about another machine" \
    's/\.machid = mach->machid,/.machid = 0,/'
mutant "inject does nothing: events are lost" \
    '/&comm->event_commit, true,/d'

suite_mutant "v3: a destroyed VCPU's comm page stays mapped" lib/abi_v3.c 3 \
    '/munmap(comm, /d'
suite_mutant "v3: one page is unmapped, whatever the driver said" \
    lib/abi_v3.c 3 's/libnvmm_device.cap.comm_size/4096/'
suite_mutant "v3: another errno when the driver is another" lib/abi_v3.c 3 \
    's/ENOSYS/EPROGMISMATCH/'
suite_mutant "v1: a destroyed VCPU's comm page stays mapped" lib/comm_mmap.c 1 \
    '/munmap(comm, /d'
suite_mutant "v2: a VCPU whose page cannot be mapped stays" lib/comm_mmap.c 2 \
    '/NVMM_IOC_VCPU_DESTROY/d'
suite_mutant "v2: stop does nothing" lib/abi_v2.c 2 '/__atomic_store_n/d'
suite_mutant "a refused mapping stays in the record" lib/memory.c 2 \
    '/(void)libnvmm_area_remove(/d'
suite_mutant "a refused unmapping leaves the record" lib/memory.c 2 \
    '/(void)libnvmm_area_insert(/d'
suite_mutant "an overlapping mapping is let through" lib/memory.c 2 \
    's/priv->areas\[i\].gpa <= last/0/'
io=lib/x86/assist_io.c
suite_mutant "REP looks at all of RCX, whatever the width of addresses" $io 2 \
    's/count = gprs\[NVMM_X64_GPR_RCX\] & mask/count = gprs[NVMM_X64_GPR_RCX]/'
suite_mutant "REP with a count of 0 does not move on" $io 2 \
    '/if (count == 0) {/,/}/{/= io->exit.npc/d}'
suite_mutant "a batch runs upwards whatever DF says" $io 2 \
    '/bytes = -bytes;/d'
suite_mutant "the limit is not looked at" $io 2 \
    's/offset > seg->limit - (size - 1)/0/'
suite_mutant "an absent segment is used" $io 2 's/!seg->attrib.p || //'
suite_mutant "the first prefix wins" $io 2 \
    's/found >= (flat/*seg == NVMM_X64_SEG_DS \&\& found >= (flat/'
suite_mutant "OUTS does without memory's permission" $io 2 \
    's/NVMM_PROT_WRITE : NVMM_PROT_READ/NVMM_PROT_WRITE : 0/'
suite_mutant "RIP moves on while elements are left" $io 2 \
    's/if (count == 0)$/if (1)/'
suite_mutant "IN to EAX keeps the upper half of RAX" $io 2 \
    's/size == 4 ? 8 : size/size/'
walk=lib/x86/translate.c
suite_mutant "any address is canonical" $walk 2 \
    's/return top == 0 || top == 0x1FFFF;/return true;/'
suite_mutant "NX counts without EFER.NXE" $walk 2 \
    's/(entry & ENTRY_NX) && .*/entry \& ENTRY_NX)/'
suite_mutant "only the last level has rights" $walk 2 \
    's/rights &= entry_rights/rights = entry_rights/'
suite_mutant "large pages without CR4.PSE" $walk 2 \
    's/CR4_PSE ? &format_32_pse : &format_32/CR4_PSE ? \&format_32_pse : \&format_32_pse/'
suite_mutant "a failed Mem assist commits what it did so far" \
    lib/x86/assist_mem.c 2 's/libnvmm_x86_emulate(&cpu, &insn) == -1/(libnvmm_x86_emulate(\&cpu, \&insn), 0)/'
suite_mutant "SUB overflows as ADD does" lib/x86/arithmetic.c 2 \
    's/(a ^ b) & (a ^ difference)/(a ^ difference) \& (b ^ difference)/'
suite_mutant "SIB's base 5 is R13 with REX.B" lib/x86/operand.c 2 \
    's/mod == 0 && info->raw.sib.base == 5/mod == 4/'
suite_mutant "bit numbers stay in the operand" lib/x86/operand.c 2 \
    's/offset += bit_distance(cpu, insn, size)/offset += 0 * bit_distance(cpu, insn, size)/'
suite_mutant "REPE does not look at ZF" lib/x86/emulate.c 2 \
    's/return equal == .*/return true;/'
suite_mutant "the second operand has no limit" lib/x86/operand.c 2 \
    's/if (last > at->limit)/if (false)/'

printf '\n%s mutants, %s not as expected\n' "$mutants" "$failed"
[ "$failed" -eq 0 ]
