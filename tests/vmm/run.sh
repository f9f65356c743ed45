#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Small VMMs, built from installed files only, under `nvmm-sim exec': on both
# engines and back ends, for each generation of the interface, under other
# policies, and with a kernel that returns NONE now and then.  What they print
# is always the same.
#
# usage: tests/vmm/run.sh [BUILD-FOLDER], from the repository's root

set -u

build=${1:-build}
here=$PWD/tests/vmm
readme=$PWD/README.md
out=$PWD/$build/vmm
prefix=$out/nvmm
cc=${CC:-cc}
failed=0
ran=0
under=				# a tool that the VMM runs under

complain() {
	echo "vmm: $*" >&2
	failed=1
}

rm -rf "$out"
mkdir -p "$out" || exit 1
MAKEFLAGS= make -s install PREFIX="$prefix" DESTDIR= LIBDIR="$prefix/lib" >/dev/null ||
    exit 1
cd "$out" || exit 1
PKG_CONFIG_PATH=$prefix/lib/pkgconfig
export PKG_CONFIG_PATH
nvmm_sim=$(pkg-config --variable=nvmm_sim nvmm-sim) || exit 1

# The VMM $1 with the library $2 of pkg-config; $3: another option.
build_one() {
	# shellcheck disable=SC2046,SC2086 # lists of options
	"$cc" -O2 ${3-} -Wall -Wextra -Wconversion -Wshadow -Werror -D__NetBSD__ \
	    $(pkg-config --cflags nvmm-sim-compat "$2") -o "$1-$2${3:+-sanitized}" \
	    "$here/$1.c" "$here/vmm.c" \
	    $(pkg-config --libs nvmm-sim-compat "$2") -lpthread \
	    "-Wl,-rpath,$prefix/lib" || complain "$1 is not built with $2"
}

# The VMM $1, built with $2; the others: options of exec
run_one() {
	vmm=$1 library=$2
	shift 2
	ran=$((ran + 1))
	# shellcheck disable=SC2086 # several words
	timeout 60 "$nvmm_sim" exec --quiet "$@" -- $under "./$vmm-$library" \
	    >said 2>errors
	status=$?
	[ "$status" = 0 ] ||
	    complain "$vmm-$library ends with status $status under $*"
	cat errors >>said
	cmp -s said "$here/$vmm.expected" && return
	complain "$vmm-$library says under exec $*:"
	cat said >&2
}

for vmm in serial smp kick stop; do
	build_one $vmm nvmm
	for options in '--cpu svm' '--cpu vmx' '--policy none' \
	    '--policy all --cpu vmx' '--preempt 1' '--quirks none' \
	    "--engine script --guest $here/$vmm.lua"; do
		# shellcheck disable=SC2086 # several words
		run_one $vmm nvmm $options
	done
done

# An instruction that VMX does not give is fetched, which smp's told guests
# have nowhere.
for vmm in serial kick stop; do
	run_one $vmm nvmm --cpu vmx --engine script --guest "$here/$vmm.lua"
done

# nvmm_vcpu_stop() is of v2 alone.
for vmm in serial smp kick; do
	build_one $vmm nvmm-v1
	run_one $vmm nvmm-v1 --abi v1
	build_one $vmm nvmm-v3
	run_one $vmm nvmm-v3 --abi v3
	run_one $vmm nvmm-v3
done

# Sanitizers take signals and memory for themselves before we see them.
for sanitizer in address thread; do
	for vmm in smp kick stop; do
		build_one $vmm nvmm "-g -fsanitize=$sanitizer"
		run_one $vmm nvmm-sanitized
	done
done

under="valgrind -q --fair-sched=yes --error-exitcode=99"
run_one kick nvmm
run_one stop nvmm
under=

# Without a driver they say what failed.
if [ ! -e /dev/nvmm ]; then
	./serial-nvmm >said 2>&1
	status=$?
	{ [ "$status" = 1 ] && [ "$(cat said)" = \
	    "serial-nvmm: nvmm_init(): No such file or directory" ]; } ||
	    complain "serial without a driver: status $status, $(cat said)"
fi

# The README's VMM: its commands, and what they print, in its home.  A pid is
# what it is, and dots stand for lines.
ln -s "$here/.." tests
sed -n '/^cc -D__NetBSD__/,/^```$/p' "$readme" | sed '$d' >commands
sed -n '/^Hello, NVMM!/,/^```$/p' "$readme" | sed '$d' >promised
HOME=$out PATH=$prefix/bin:$PATH sh -e commands >said 2>errors ||
    complain "the README's commands fail: $(head -n 3 errors)"
cat errors >>said
sed 's/(pid [0-9]*)/(pid 4711)/; s|exec: .*/serial |exec: ./serial |' said |
    grep -vxF -f - promised | grep -vx '  \.\.\.' >differs
[ -s promised ] && [ ! -s differs ] ||
    complain "README.md promises: $(cat differs)"

[ "$ran" = 48 ] || complain "$ran runs instead of 48"
[ "$failed" = 0 ] && echo "vmm: $ran runs, all as on a real driver"
exit "$failed"
