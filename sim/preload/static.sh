#!/bin/sh
# Makes the archive for programs that cannot preload anything: every name of
# the transport's becomes __wrap_NAME, for the linker's --wrap, and nothing
# else shows.  Beside it goes the list of options that such a link needs.
#
#   static.sh ARCHIVE OPTIONS EXPORTS CALLS-OBJECTS -- OBJECTS
set -eu
archive=$1 options=$2 exports=$3
shift 3
calls=
while [ "$1" != -- ]; do
	calls="$calls $1"
	shift
done
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The functions of the C library, and those of libnvmm that calls.o wraps.
sed -n '/global:/,/local:/s/;/\n/gp' "$exports" | tr -d ' \t' |
    grep -v -e '^global:$' -e '^local:$' -e '^nvmm' -e '^$' >"$work/libc"
# shellcheck disable=SC2086
nm -g --defined-only $calls | awk 'NF == 3 { print $3 }' | grep '^nvmm_' |
    sort -u >"$work/libnvmm"
cat "$work/libc" "$work/libnvmm" >"$work/names"

sed 's/.*/& __wrap_&/' "$work/names" >"$work/rename"
# What the two members share needs names that are nobody else's.
for name in transport transport_thread; do
	echo "$name nvmm_sim_$name"
done >>"$work/rename"
awk '{ print $2 }' "$work/rename" >"$work/keep"

ld -r -o "$work/all.o" "$@"
# shellcheck disable=SC2086
ld -r -o "$work/libnvmm.o" $calls
for member in all libnvmm; do
	objcopy --redefine-syms="$work/rename" "$work/$member.o"
	objcopy --keep-global-symbols="$work/keep" "$work/$member.o" \
	    "$work/nvmm-sim-$member.o"
done
rm -f "$archive"
ar rcs "$archive" "$work/nvmm-sim-all.o" "$work/nvmm-sim-libnvmm.o"
sed 's/.*/-Wl,--wrap=&/' "$work/names" | tr '\n' ' ' >"$options"
