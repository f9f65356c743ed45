#!/bin/sh
# How many instructions a getstate that hits costs: callgrind counts them,
# the same on every run.  Fails above 16.  usage: run.sh BUILD-FOLDER
set -eu
build=$1
limit=16
hit=$build/tests/instructions
out=$build/callgrind.out

total() {
	valgrind --tool=callgrind --callgrind-out-file="$out" "$hit" "$1" \
	    "$2" "$build/libnvmm.so" 2>&1 | sed -n 's/.*Collected : //p'
}

slope() {
	echo $((($(total "$1" 30000) - $(total "$1" 10000)) / 20000))
}

one=$(slope hit)
empty=$(slope empty)
# An empty function here is its return alone, with the value it returns.
cost=$((one - empty))
echo "getstate, a hit: $one instructions with the loop around it, $cost more than an empty function (limit $limit)"
[ "$cost" -le "$limit" ] && [ "$cost" -gt 0 ]
