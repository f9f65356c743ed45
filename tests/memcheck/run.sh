#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: run.sh BUILD-FOLDER.  Under valgrind, a VMM's mistakes must be
# reported at the line that makes them, which says so in a comment, and a
# correct VMM must not be reported at all.
set -eu
B=$1
HERE=$(dirname "$0")
LOG=$B/tests/memcheck.txt

fail() {
	echo "memcheck: $*"
	cat "$LOG"
	exit 1
}

check() {
	valgrind -q --leak-check=full --error-exitcode=99 \
	    "$B/tests/memcheck-$1" "$B/libnvmm.so" >"$LOG" 2>&1
}

for name in argument half; do
	status=0
	check "$name" || status=$?
	[ "$status" = 99 ] || fail "$name: status $status, not an error"
	line=$(grep -n '/\* reported \*/' "$HERE/$name.c" | cut -d: -f1)
	grep -q "($name.c:$line)" "$LOG" || fail "$name: not at line $line"
	[ "$(grep -c 'Uninitialised byte' "$LOG")" = 1 ] ||
	    fail "$name: not one report"
done
check clean || fail "clean: reported"
[ ! -s "$LOG" ] || fail "clean: not silent"
echo "memcheck: callers' mistakes are reported at their lines"
