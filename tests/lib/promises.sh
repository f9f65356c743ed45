#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Is each promise in promises.txt held by a test that exists?
set -eu
list=tests/lib/promises.txt
names=$(mktemp)
trap 'rm -f "$names"' EXIT
cat tests/*/*.c | sed -n 's/^START_TEST(\([a-z0-9_]*\))$/\1/p' >"$names"
cat scenarios/*.lua | sed -n 's/^test("\([^"]*\)".*/\1/p' >>"$names"

missing=$(sed -n 's/^	//p' "$list" | sort -u | grep -vxF -f "$names" || true)
if [ -n "$missing" ]; then
	echo "$list names tests that do not exist:" >&2
	printf '%s\n' "$missing" >&2
	exit 1
fi
awk '
	/^#/ || /^$/ { next }
	/^\t/ { held = 1; next }
	{
		if (promise != "" && !held) {
			print "no test holds: " promise
			bad = 1
		}
		promise = $0
		held = 0
		n++
	}
	END { exit bad || !held || n < 1 }
' "$list" >&2
