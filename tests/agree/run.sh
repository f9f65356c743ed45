#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# usage: run.sh BUILD-FOLDER.  Every scenario must go the same way on every
# engine: the same calls and ioctls with the same flag words and exits, one by
# one, and the same counts.
set -eu
B=$1
# All but the guests that have code of their own, for one engine only.
FILES=$(ls scenarios/*.lua | grep -v /guests)
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT

# usage: record CPU ENGINE: its trace and its report, without its name.
record() {
	# shellcheck disable=SC2086 # the files are words
	"$B/nvmm-sim" run --jobs 2 --cpu "$1" --engine "$2" --trace \
	    --format json --output "$WORK/$2.json" $FILES \
	    2>"$WORK/$2.trace" || {
		echo "agree: scenarios fail on engine $2, cpu $1"
		exit 1
	}
	sed "s/\"engine\": \"$2\"/\"engine\": \"ENGINE\"/" "$WORK/$2.json" \
	    >"$WORK/$2.report"
}

# The scenario, the step and both sides of the first difference.
explain() {	# file of one, file of the other, CPU
	line=$(cmp "$1" "$2" 2>&1 | sed -n 's/.*line \([0-9]*\).*/\1/p')
	echo "agree: on $3, engines script and interp differ:"
	head -n "${line:=1}" "$1" | grep -aE '^== |"name": ' | tail -n 1
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
