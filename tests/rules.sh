#!/bin/sh
# The code's own rules, looked at from outside: symbols, sizes, who includes
# whom, manual pages.  Prints what is wrong and fails.
set -u
bad=0

complain() {
	echo "rules: $*" >&2
	bad=1
}

# libnvmm exports what it documents, and the archive hides nothing else
# under a documented name; the kernel's names are sim_*.
for so in build/libnvmm.so build/libnvmm-nocomm.so build/libnvmm-v*.so; do
	nm -D --defined-only "$so" | awk '{ print $3 }' | grep -v '^nvmm_' &&
	    complain "$so exports more than nvmm_*"
done
nm -D --defined-only build/libnvmm-sim-kernel.so | awk '{ print $3 }' |
    grep -vx nvmm_sim_preload_kernel &&
    complain "libnvmm-sim-kernel.so exports more than its one table"
nm -g --defined-only build/libnvmm.a 2>/dev/null | awk 'NF == 3 { print $3 }' |
    grep -v -e '^nvmm_' -e '^libnvmm_' &&
    complain "libnvmm.a defines a name that is neither nvmm_* nor libnvmm_*"
for o in build/obj/sim/kernel/*.o build/obj/sim/kernel/abi/*.o \
    build/obj/sim/backend/*.o build/obj/sim/engine/*.o; do
	nm -g --defined-only "$o" | awk 'NF == 3 { print $3 }' |
	    grep -v '^sim_' && complain "$o defines a name that is not sim_*"
done

for o in build/obj/sim/engine/interp/*.o; do
	nm -g --defined-only "$o" | awk 'NF == 3 { print $3 }' |
	    grep -v -e '^interp_' -e '^sim_engine_interp$' &&
	    complain "$o defines a name that is not interp_*"
done

# Nothing ends the process in library or kernel.
grep -nE '\b(abort|exit|_exit|err|errx)\(' lib/*.c lib/x86/*.c lib/history/*.c \
    sim/kernel/*.c sim/kernel/abi/*.c sim/backend/*.c sim/engine/*.c \
    sim/engine/interp/*.c sim/transport/*.c sim/observe/*.c sim/scenario/*.c |
    grep -v -e 'sim_.*exit(' -e '\*' -e 'process.c:[0-9]*:_exit(int' && complain "ends the process"

# Who may know whom.
includes() {	# files, forbidden pattern, why
	# shellcheck disable=SC2086
	grep -nE "#include .($2)" $1 && complain "$3"
}
includes "lib/*.c lib/*.h lib/x86/*.c lib/x86/*.h lib/history/*.[ch]" "kernel/|engine/|transport/|observe/|scenario/|preload/" \
    "lib knows nothing of sim"
includes "sim/kernel/*.c sim/kernel/*.h sim/kernel/abi/*" "nvmm|transport/|observe/|scenario/|preload/|cli/" \
    "the kernel knows no library, transport or tool"
includes "sim/engine/*.c sim/engine/*.h sim/engine/interp/*" "nvmm|kernel/(kernel|comm|control|driver|abi)|transport/|observe/" \
    "an engine knows registers and guest memory only"
includes "sim/cli/*.c sim/observe/*.c sim/scenario/*.c sim/cli/*.h sim/observe/*.h sim/scenario/*.h" \
    "kernel/(kernel|comm|driver|event|exit)\.h" "tools go through control.h"
includes "sim/kernel/*.c sim/engine/*.c sim/engine/interp/*.c sim/backend/*.c sim/transport/*.c sim/observe/*.c sim/cli/*.c" \
    "lua|lauxlib|lualib" "Lua stays in sim/scenario"

# Sizes.
for f in $(git ls-files '*.c' '*.h' '*.lua' '*.sh' Makefile); do
	n=$(wc -l <"$f")
	[ "$n" -le 500 ] || complain "$f has $n lines"
done
awk '
	FNR == 1 { inside = 0 }
	/^{/ { inside = 1; start = FNR }
	/^}/ && inside {
		inside = 0
		if (FNR - start > 61) {
			print FILENAME ":" start ": a function of " \
			    FNR - start - 1 " lines"
			found = 1
		}
	}
	END { exit found }
' $(git ls-files 'lib/*.c' 'sim/*.c' 'tests/*.c') || complain "functions too long"
for f in $(git ls-files 'lib/*.[ch]' 'sim/*.[ch]' 'tests/*.[ch]'); do
	head -n 1 "$f" | grep -q SPDX || complain "$f lacks its SPDX line"
done
grep -nE '\b(TODO|FIXME)\b' $(git ls-files lib sim tests scenarios) |
    grep -v '^tests/rules.sh' && complain "work left behind"

# The README's tables.
sh tests/tables.sh || complain "README.md"

# Manual pages.
if command -v mandoc >/dev/null; then
	for m in $(git ls-files 'lib/man/*' 'sim/man/*'); do
		mandoc -Tlint -W warning "$m" || complain "$m"
	done
else
	complain "mandoc is missing"
fi

[ "$bad" = 0 ] && echo "rules: all kept"
exit "$bad"
