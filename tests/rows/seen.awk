# SPDX-License-Identifier: BSD-2-Clause
# What occurs in a trace of nvmm-sim run, in the lines of wanted.awk.

function once(line) {
	if (!(line in seen)) {
		seen[line] = 1
		print line
	}
}

# "cached=SEGS|GPRS->GPRS": the names on both sides.
function flags(field,	word, names, n, i) {
	word = field
	sub(/=.*/, "", word)
	sub(/^[a-z]*=/, "", field)
	gsub(/->/, "|", field)
	n = split(field, names, "|")
	for (i = 1; i <= n; i++) {
		if (names[i] ~ /^[A-Z]/)
			once("component " word " " names[i])
	}
}

# A scenario shows a quirk only if its name says so and its options do.
/^== / {
	title = $0
	sub(/^== [^:]*: /, "", title)
	once("policy netbsd")
	next
}
/^-- policy / {
	policy = $3
	sub(/,$/, "", policy)
	once("policy " policy)
	on = "," $5 ","
	if (title ~ /^quirk / && split(title, words, /[ :]/) > 1 &&
	    index(on, "," words[2] ","))
		once("quirk on " words[2])
	if (title ~ /^without / && split(title, words, /[ :]/) > 1 &&
	    !index(on, "," words[2] ",") && on != ",all,")
		once("quirk off " words[2])
	next
}

$1 == "ioctl" {
	once("ioctl " $2)
	if ($4 == "-1")
		once("error " $2 " " $5)
	for (f = 5; f <= NF; f++) {
		if ($f ~ /^exit=/)
			once("exit " substr($f, 6))
		else if ($f ~ /^(wanted|commit|cached)=/)
			flags($f)
	}
}
