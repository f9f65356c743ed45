#!/bin/sh
# What the library's hot paths cost, in instructions, as callgrind counts them,
# the same on every run: a getstate that hits, at most 16; and a look-up of
# guest memory, which may grow with the logarithm of the number of mappings.
# usage: run.sh BUILD-FOLDER
set -eu
build=$1
limit=16
growth_limit=160	# 8 more halvings, at most 20 instructions each
out=$build/callgrind.out

# total PROGRAM ARGUMENTS...: the instructions of one run
total() {
	program=$1
	shift
	valgrind --tool=callgrind --callgrind-out-file="$out" \
	    "$build/tests/$program" "$@" "$build/libnvmm.so" \
	    2>&1 | sed -n 's/.*Collected : //p'
}

hit_slope() {
	echo $((($(total hit "$1" 30000) - $(total hit "$1" 10000)) / 20000))
}

look_slope() {
	echo $((($(total look 32768 "$1") - $(total look 16384 "$1")) / 16384))
}

one=$(hit_slope hit)
empty=$(hit_slope empty)
# An empty function here is its return alone, with the value it returns.
cost=$((one - empty))
echo "getstate, a hit: $one instructions with the loop around it, $cost more than an empty function (limit $limit)"
[ "$cost" -le "$limit" ] && [ "$cost" -gt 0 ]

few=$(look_slope 16)
many=$(look_slope 4096)
growth=$((many - few))
echo "gpa_to_hva: $few instructions with 16 mappings, $many with 4096 (limit of the growth $growth_limit)"
[ "$growth" -le "$growth_limit" ] && [ "$few" -gt 0 ]
