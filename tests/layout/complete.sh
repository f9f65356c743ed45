#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Is nothing of the driver's interface left out of tests/layout?  Each macro
# and each field that the headers in lib/include/dev/nvmm define must occur
# there as a word.
set -eu
headers=$(find lib/include/dev/nvmm -name '*.h')
words=$(mktemp)
trap 'rm -f "$words"' EXIT
# SEG(ES) and its like stand for what they paste together.
cat tests/layout/*.c |
    sed -E -e 's/\b(SEG|GPR|CR|DR|MSR|STATE)\((\w+)\)/NVMM_X64_\1_\2/g' \
	-e 's/\bCOMMAND\((\w+)\)/NVMM_IOC_\1/g' \
	-e 's/\bEXIT\((\w+)\)/NVMM_VCPU_EXIT_\1/g' |
    grep -oE '\w+' | sort -u >"$words"

missing=$( {
	# shellcheck disable=SC2086 # a list of files without spaces
	sed -nE 's/^#define (NVMM_\w+|nvmm_\w+).*/\1/p' $headers
	# Fields: the last word before ; [ or : of a line within a struct.
	# shellcheck disable=SC2086
	sed -nE 's/^\t+[a-z][a-z0-9_ *]*[ *]([a-z_0-9]+)(\[.*|:[0-9]+)?;.*/\1/p' \
	    $headers
} | sort -u | grep -vxF -f "$words" || true)

if [ -n "$missing" ]; then
	echo "tests/layout does not compare:" >&2
	printf '%s\n' "$missing" >&2
	exit 1
fi
