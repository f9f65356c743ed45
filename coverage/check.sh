#!/bin/sh
# usage: check.sh TRACEFILE THRESHOLDS.  Prints each folder's coverage, and
# fails if one is below its threshold or does not occur at all.
set -eu
awk -v root="$PWD/" '
	FNR == NR {
		if ($0 !~ /^#/ && NF == 3) {
			lines[$1] = $2; branches[$1] = $3; order[++n] = $1
		}
		next
	}
	/^SF:/ {
		folder = substr($0, 4)
		sub(root, "", folder)
		sub(/\/[^\/]*$/, "", folder)
		if (!(folder in lines) && folder !~ /include/) {
			print "coverage: no threshold for " folder
			bad = 1
		}
	}
	/^LF:/ { lf[folder] += substr($0, 4) }
	/^LH:/ { lh[folder] += substr($0, 4) }
	/^BRF:/ { bf[folder] += substr($0, 5) }
	/^BRH:/ { bh[folder] += substr($0, 5) }
	END {
		for (i = 1; i <= n; i++) {
			f = order[i]
			if (lf[f] == 0) {
				print "coverage: nothing of " f " was built"
				bad = 1
				continue
			}
			l = 100 * lh[f] / lf[f]
			b = bf[f] ? 100 * bh[f] / bf[f] : 100
			low = l < lines[f] || b < branches[f]
			printf "%-16s lines %5.1f %% (%d), branches %5.1f %% (%d)%s\n", \
			    f, l, lf[f], b, bf[f], low ? "  TOO LOW" : ""
			bad = bad || low
		}
		exit bad
	}
' "$2" "$1"
