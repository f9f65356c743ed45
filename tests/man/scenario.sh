#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The scenarios among the examples of nvmm-scenario(5) pass as they are
# printed, as the page says: on both back ends, under all policies, and
# without a comm page.
#
# usage: tests/man/scenario.sh [BUILD-FOLDER], from the repository's root

set -u

build=${1:-build}
out=$build/man
failed=0

mkdir -p "$out" || exit 1
sed -n '/^\.Sh EXAMPLES/,/^\.Sh COMMON/p' sim/man/nvmm-scenario.5 |
    sed -n '/^\.Bd/,/^\.Ed/{
/^\./d
/^\$/d
s/\\e/\\/g
p
}' >"$out/examples.lua"

for options in '--cpu svm' '--cpu vmx' '--policy none' '--policy all' \
    '--comm off' '--abi v1' '--abi v3'; do
	# shellcheck disable=SC2086 # several words
	"$build/nvmm-sim" run $options "$out/examples.lua" \
	    >"$out/examples.txt" && grep -q '^6 passed' "$out/examples.txt" &&
	    continue
	echo "nvmm-scenario(5): its examples do not all pass with $options:" >&2
	cat "$out/examples.txt" >&2
	failed=1
done
exit "$failed"
