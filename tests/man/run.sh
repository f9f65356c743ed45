#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# libnvmm(3) against the library: its synopsis names the functions that there
# are, and its example compiles for every generation of the interface and
# says clearly what it lacks where there is no driver.
#
# usage: tests/man/run.sh [BUILD-FOLDER], from the repository's root

set -u

build=${1:-build}
out=$build/man
page=lib/man/libnvmm.3
cc=${CC:-cc}
failed=0

complain() {
	echo "libnvmm(3): $*" >&2
	failed=1
}

mkdir -p "$out" || exit 1

# The functions, as the synopsis and as the library have them.
sed -n '/^\.Sh SYNOPSIS/,/^\.Sh DESCRIPTION/s/^\.Fn \([a-z_]*\).*/\1/p' \
    "$page" | sort >"$out/synopsis"
nm -D --defined-only "$build/libnvmm.so" | awk '{ print $3 }' | sort \
    >"$out/exported"
diff "$out/synopsis" "$out/exported" >&2 ||
    complain "the synopsis and libnvmm.so have different functions"
[ -s "$out/synopsis" ] || complain "no function in the synopsis"

# The prototypes: the synopsis as a header that must agree with nvmm.h.
{
	echo '#include <nvmm.h>'
	sed -n '/^\.Sh SYNOPSIS/,/^\.Sh DESCRIPTION/p' "$page" |
	    sed -n -e 's/^\.Ft //p' -e '/^\.Fn/{
s/^\.Fn \([a-z_]*\) void$/\1(void);/
s/^\.Fn \([a-z_]*\) "\(.*\)"$/\1(\2);/
s/" "/, /g
p
}'
} >"$out/synopsis.c"

# The example, with mdoc's escapes undone.
sed -n '/^\.Sh EXAMPLES/,/^\.Ed/p' "$page" |
    sed -e '1,/^\.Bd -literal/d' -e '/^\.Ed/d' -e 's/\\e/\\/g' \
    >"$out/example.c"
[ -s "$out/example.c" ] || complain "no example"

flags="-std=gnu11 -Wall -Wextra -Werror -Wmissing-prototypes
    -Ilib/compat -Ilib/include"
# shellcheck disable=SC2086 # a list of options
"$cc" $flags -Wno-missing-prototypes -fsyntax-only "$out/synopsis.c" ||
    complain "the prototypes of the synopsis are not those of nvmm.h"
for abi in 1 2 3; do
	library=libnvmm-v$abi.so
	[ "$abi" = 2 ] && library=libnvmm.so
	# shellcheck disable=SC2086
	if ! "$cc" $flags -DNVMM_ABI=$abi -o "$out/example$abi" \
	    "$out/example.c" "$build/$library" -Wl,-rpath,"$PWD/$build"; then
		complain "the example does not compile for generation $abi"
		continue
	fi
	[ -e /dev/nvmm ] && continue
	if "$out/example$abi" >"$out/said" 2>&1; then
		complain "the example runs without a driver"
	fi
	grep -q '^example.: nvmm_init: No such file or directory$' \
	    "$out/said" || complain "the example says: $(cat "$out/said")"
done

[ "$failed" = 0 ] && echo "libnvmm(3): as the library is"
exit "$failed"
