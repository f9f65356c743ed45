#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# The README's tables are what `nvmm-sim info --markdown' makes of the code's.
# Says what differs and fails; with --update, writes them into the README.
#
# usage: tests/tables.sh [--update], from the repository's root, built.
set -eu
begin='<!-- made by nvmm-sim info --markdown -->'
end='<!-- end -->'

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
build/nvmm-sim info --markdown >"$work/made"

grep -qxF -e "$begin" README.md && grep -qxF -e "$end" README.md || {
	echo "tables: README.md lacks the line $begin or $end" >&2
	exit 1
}
awk -v begin="$begin" -v end="$end" -v made="$work/made" '
	$0 == end { inside = 0 }
	!inside { print }
	$0 == begin {
		inside = 1
		while ((getline line <made) > 0)
			print line
	}
' README.md >"$work/readme"

cmp -s "$work/readme" README.md && exit 0
if [ "${1-}" = --update ]; then
	cat "$work/readme" >README.md
	exit 0
fi
diff README.md "$work/readme" >&2 || :
echo "tables: README.md is older than the code's tables; type: sh tests/tables.sh --update" >&2
exit 1
