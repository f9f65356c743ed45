# SPDX-License-Identifier: BSD-2-Clause
# The rows that must occur, from nvmm-sim info --markdown: a line each.

function name(cell) {
	gsub(/[` ]/, "", cell)
	return cell
}

BEGIN { FS = " \\| " }

# A table's first line says what its rows are.
/^\| quirk /		{ table = "quirk"; next }
/^\| exit /		{ table = "exit"; next }
/^\| component /	{ table = "component"; next }
/^\| policy /		{ table = "policy"; next }
/^\| ioctl /		{ table = "ioctl"; next }
/^\| generation /	{ table = ""; next }
/^\|---/ || !/^\| /	{ next }

{ sub(/^\| /, "") }

table == "quirk"	{ print "quirk on " name($1)
			  print "quirk off " name($1) }
table == "exit"		{ print "exit " name($1) }
table == "policy"	{ print "policy " name($1) }
table == "component" {
	print "component wanted " toupper(name($1))
	print "component commit " toupper(name($1))
	print "component cached " toupper(name($1))
}
# open(2) and mmap(2) are no ioctls, and in no trace.
table == "ioctl" && $1 !~ /\(2\)$/ {
	ioctl = $1 == "any other" ? "UNKNOWN" : $1
	print "ioctl " ioctl
	n = split($2, errors, "<br>")
	for (i = 1; i <= n; i++) {
		sub(/:.*/, "", errors[i])
		print "error " ioctl " " errors[i]
	}
}
