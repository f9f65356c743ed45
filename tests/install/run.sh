#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# `make install' puts all there that it takes: a program outside the source
# tree is built with pkg-config's words alone, with each generation's library
# and with the static one; nvmm-sim runs installed scenarios from another
# folder; and `make uninstall' leaves no file behind.
#
# usage: tests/install/run.sh, from the repository's root

set -u

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cc=${CC:-cc}
top=$PWD
failed=0

complain() {
	echo "install: $*" >&2
	failed=1
}

# Folders of its own, as a distribution's packages have them; then the tree
# is moved, since nothing in it may know where it is.
folders="PREFIX=/opt/sim LIBDIR=/opt/sim/lib/here MANDIR=/opt/man"
# shellcheck disable=SC2086 # several words
MAKEFLAGS= make -s install DESTDIR="$work/first" $folders >/dev/null || exit 1
mv "$work/first" "$work/root"
cp tests/install/consumer.c "$work" || exit 1
cd "$work" || exit 1
lib=$work/root/opt/sim/lib/here
PKG_CONFIG_PATH=$lib/pkgconfig
PKG_CONFIG_SYSROOT_DIR=$work/root
export PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR

# $1: what runs; $2: the generation that it must be for
says() {
	said=$("$1" 2>&1)
	[ "$said" = "consumer: v$2: Bad file descriptor, 0" ] ||
	    complain "$1 for v$2 says: $said"
}

for abi in 1 2 3; do
	package=nvmm-v$abi
	[ "$abi" = 2 ] && package=nvmm
	# shellcheck disable=SC2046
	"$cc" -Wall -Werror $(pkg-config --cflags "$package") -o consumer \
	    consumer.c $(pkg-config --libs "$package") "-Wl,-rpath,$lib" ||
	    complain "no consumer of $package"
	readelf -d consumer | grep -q "NEEDED.*\[libnvmm.so.$abi\]" ||
	    complain "the consumer of $package does not need libnvmm.so.$abi"
	says ./consumer $abi
done
# shellcheck disable=SC2046
"$cc" $(pkg-config --cflags nvmm) -o static consumer.c "$lib/libnvmm.a" \
    $(pkg-config --libs-only-l --static nvmm | sed 's/-lnvmm//') &&
    says ./static 2 || complain "no consumer of libnvmm.a"

# $1: what for; the others: a command of nvmm-sim that must pass
passes() {
	what=$1
	shift
	"$work/root/opt/sim/bin/nvmm-sim" "$@" >said 2>&1 && return
	complain "$what:"
	tail -n 5 said >&2
}

mkdir "$work/elsewhere" && cd "$work/elsewhere" || exit 1
scenarios=$(pkg-config --variable=scenarios nvmm-sim)
case $scenarios in
"$work"/*) ;;
*)	scenarios=$work/root$scenarios ;;
esac
passes "an installed scenario" run "$scenarios/caching.lua"
passes "the recorded load" run "$scenarios/linux_boot.lua"
passes "all scenarios by default" run --filter 'an I/O exit*'
grep -q 'lib/here/nvmm-sim/scenarios/caching.lua' said ||
    complain "the scenarios by default are not the installed ones"
passes "an installed guest" run --engine interp --filter '*hello*' \
    "$scenarios/guests.lua"
passes "a library without comm page" run --comm off --abi v3 \
    "$scenarios/caching.lua"
passes "generations" generations --repeat 1
passes "exec" exec --quiet -- "$work/static"

for page in man1/nvmm-sim.1 man3/libnvmm.3 man5/nvmm-scenario.5; do
	[ -s "$work/root/opt/man/$page" ] || complain "no $page"
done
grep -rl "$top\|$work" "$work/root" --include='*.pc' --include='*.h' &&
    complain "these files know the folder that they were built in"

cd "$top" || exit 1
# shellcheck disable=SC2086
MAKEFLAGS= make -s uninstall DESTDIR="$work/root" $folders || complain "uninstall"
left=$(find "$work/root" ! -type d)
[ -z "$left" ] || complain "make uninstall leaves $left"

[ "$failed" = 0 ] && echo "install: all there, and all gone"
exit "$failed"
