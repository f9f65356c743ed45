#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Every row of the kernel's tables has a scenario: each ioctl, each error of
# an ioctl, each exit, each component (in each flag word), each policy, each
# quirk on and off.  The rows are what `nvmm-sim info --markdown' prints; what
# occurs is read from the traces of all scenarios, on both back ends, under
# all generations.  Prints each row that occurs nowhere, and fails.
#
# usage: tests/rows/run.sh BUILD-FOLDER, from the repository's root, built.
set -eu
B=$1
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$B/nvmm-sim" info --markdown | awk -f "$here/wanted.awk" | sort -u \
    >"$work/wanted"

# The recorded boot does nothing that the others do not, at length.
files=$(ls scenarios/*.lua scenarios/*/*.lua 2>/dev/null |
    grep -v /linux_boot.lua)
bad=0
# usage: trace OPTIONS: adds what occurs to $work/seen.
trace() {
	# shellcheck disable=SC2086 # words
	"$B/nvmm-sim" run --trace --jobs 2 "$@" $files >"$work/report" \
	    2>"$work/trace" || {
		bad=1
		echo "rows: scenarios fail: nvmm-sim run $*" >&2
		sed -n '/^what broke:/,/^$/p' "$work/report" >&2
	}
	awk -f "$here/seen.awk" "$work/trace" >>"$work/all"
}

for cpu in svm vmx; do
	for abi in v1 v2 v3; do
		trace --cpu "$cpu" --abi "$abi"
	done
done
sort -u "$work/all" >"$work/seen"

# A few of each kind, or the tables have not been read.
for kind in ioctl error exit component policy quirk; do
	n=$(grep -c "^$kind " "$work/wanted" || :)
	[ "$n" -ge 3 ] || {
		echo "rows: only $n rows of kind $kind: has info --markdown changed?" >&2
		bad=1
	}
done

comm -23 "$work/wanted" "$work/seen" >"$work/missing"
sed 's/^/rows: no scenario has: /' "$work/missing" >&2
[ ! -s "$work/missing" ] || bad=1
echo "rows: $(comm -12 "$work/wanted" "$work/seen" | wc -l) of $(wc -l <"$work/wanted") rows have a scenario"
exit "$bad"
