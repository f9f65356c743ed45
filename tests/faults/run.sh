#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: run.sh BUILD-FOLDER [STRIDE].  Lets `nvmm-sim run' and others run out of
# memory at each of their allocations in turn, once and for good.  They must
# end by themselves, with all done or with a line that says why not.  STRIDE:
# only every STRIDE-th of those that a run tries else.
set -eu
B=$1
STRIDE=${2:-1}
HERE=$(dirname "$0")
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
NOMEM_HITS=$WORK/hits
export NOMEM_HITS

${CC:-cc} -std=gnu11 -D_GNU_SOURCE -O2 -fPIC -shared \
    -o "$WORK/nomem.so" "$HERE/nomem.c" -ldl

fail() {
	echo "faults: NOMEM=$n NOMEM_MODE=$mode: $*"
	echo "faults: nvmm-sim $command $options $files"
	cat "$WORK/out" "$WORK/err"
	exit 1
}

# One run with allocation $n failing, in the manner $mode.  A run that passes
# says so with the line $passed, one that does not with a line like $broken
# or a complaint.
try() {
	rm -f "$NOMEM_HITS"
	status=0
	# shellcheck disable=SC2086 # the options are words
	timeout -k 1 10 env LD_PRELOAD="$WORK/nomem.so" NOMEM="$n" \
	    NOMEM_MODE="$mode" "$B/nvmm-sim" $command $options $files \
	    >"$WORK/out" 2>"$WORK/err" || status=$?
	case $status in
	0)
		grep -q "$passed" "$WORK/out" ||
		    fail "status 0, but not all was done"
		;;
	1|2)
		grep -q '^nvmm-sim: ' "$WORK/err" ||
		    grep -Eq "$broken" "$WORK/out" ||
		    fail "status $status without a word why"
		;;
	*)
		fail "status $status"
		;;
	esac
}

# usage: all STEP OPTIONS: every STEP-th allocation, until a run meets none.
all() {
	step=$(($1 * STRIDE)) options=$2
	for mode in once always; do
		n=0 faults=0
		while :; do
			try
			[ -s "$NOMEM_HITS" ] || break
			faults=$((faults + 1))
			n=$((n + step))
		done
		[ "$faults" -ge $((20 / STRIDE)) ] || fail "only $faults faults"
		[ "$status" -eq 0 ] || fail "status $status without a fault"
		echo "faults: $faults $mode, nvmm-sim $command $options"
	done
}

command='run --jobs 1' files=$HERE/scenarios
passed='^2 passed, 0 failed, 0 skipped, 0 errors$'
broken='^      [^ ]'
all 1 ''
all 5 '--comm off --trace'
passed='port.lua:4: a port is written$'
all 1 '--list'
passed='"passed": 2,'
broken='"reason": "[^"]'
all 5 '--format json'
passed='^# passed 2$'
broken='^not ok '
all 5 '--format tap'
passed='<testsuites .* tests="2" failures="0" errors="0"'
broken='<(failure|error) message="[^"]'
all 3 '--format junit'
command='generations --repeat 2' files="--load $HERE/load.tsv"
passed='^(model): a cost model'
broken=' '
all 1 ''
passed='"name": "inplace"'
all 5 '--format json'
command="compare --a $B/libnvmm-nocomm.so --b $B/libnvmm.so"
files=$HERE/scenarios
passed='^b .*\(less\|passes\)'
broken='^      [ab]: '
PATH=$HERE:$PATH
all 7 --instructions
passed='^  "answer": "b .*\(less\|passes\)'
broken='"reason": "[^"]'
all 31 '--format json'
