#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: run.sh BUILD-FOLDER.  Every scenario must go the same way on every
# engine: the same calls and ioctls with the same flag words and exits, one by
# one, and the same counts.
set -eu
B=$1
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT

# usage: record CPU ENGINE: its trace and its report, without its name.
record() {
	"$B/nvmm-sim" run --jobs 2 --cpu "$1" --engine "$2" --trace \
	    --format json --output "$WORK/$2.json" scenarios \
	    2>"$WORK/$2.all" || {
		echo "agree: scenarios fail on engine $2, cpu $1"
		exit 1
	}
	# A scenario that has an engine of its own says so.
	grep -v '^-- engine ' "$WORK/$2.all" >"$WORK/$2.trace"
	sed "s/\"engine\": \"$2\"/\"engine\": \"ENGINE\"/" "$WORK/$2.json" \
	    >"$WORK/$2.report"
}

# The scenario, the step and both sides of the first difference.
explain() {	# file of one, file of the other, CPU
	line=$(cmp "$1" "$2" | sed 's/.*line //')
	echo "agree: on $3, engines script and interp differ:"
	head -n "$line" "$1" | grep -E '^== |"name": ' | tail -n 1
	echo "  script: $(sed -n "${line}p" "$1")"
	echo "  interp: $(sed -n "${line}p" "$2")"
	exit 1
}

for cpu in svm vmx; do
	record "$cpu" script
	record "$cpu" interp
	for kind in trace report; do
		cmp -s "$WORK/script.$kind" "$WORK/interp.$kind" ||
		    explain "$WORK/script.$kind" "$WORK/interp.$kind" "$cpu"
	done
	steps=$(wc -l <"$WORK/script.trace")
	echo "agree: $steps steps of all scenarios are the same on $cpu"
done
