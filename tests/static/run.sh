#!/bin/sh
# The archive in a program without a loader, and in one whose libnvmm is
# linked in: what each prints, and what is reported.  Debian has no static
# Zydis, so something stands in for it where no guest runs.
set -eu
B=$1
CC=${CC:-cc}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
options=$(cat "$B/nvmm-sim-static.options")
libs="$B/libnvmm-sim-static.a -llua5.4 -ljansson -lm -lpthread"

fail() {
	echo "tests/static: $*" >&2
	cat "$work"/*.out "$work"/*.err >&2
	exit 1
}

cat >"$work/zydis.c" <<'C'
int ZydisDecoderInit(void);
int ZydisDecoderInit(void) { return 0; }
int ZydisDecoderDecodeFull(void);
int ZydisDecoderDecodeFull(void) { return -1; }
int ZydisRegisterGetId(void);
int ZydisRegisterGetId(void) { return 0; }
int ZydisRegisterGetClass(void);
int ZydisRegisterGetClass(void) { return 0; }
C
# glibc warns about what it needs for names of users; nobody here does.
# shellcheck disable=SC2086
$CC -static -o "$work/static" tests/static/program.c "$work/zydis.c" \
    $options $libs 2>"$work/link.err" || fail "no static link"
# shellcheck disable=SC2086
$CC -Ilib/compat -Ilib/include -D_GNU_SOURCE -o "$work/linked" \
    tests/static/linked.c $options $libs "$B/libnvmm.a" -lZydis

for run in "$work/static" "$B/nvmm-sim exec -- $work/static"; do
	$run >"$work/a.out" 2>"$work/a.err" || fail "$run: status $?"
	grep -qx 'version 2, machine 0, child 7, close 0' "$work/a.out" ||
	    fail "$run: not what a driver says"
	grep -q '^2 ioctls, in 0 exits' "$work/a.err" || fail "$run: no report"
	[ "$(grep -c 'a forked child' "$work/a.err")" = 1 ] ||
	    fail "$run: the child is not told why"
done
NVMM_SIM_EXEC='cpu=vmx
abi=v2' "$work/linked" >"$work/b.out" 2>"$work/b.err" || fail "linked: $?"
grep -qx 'halted' "$work/b.out" || fail "linked: the guest has not run"
grep -q ': vmx, abi v2, engine interp' "$work/b.err" ||
    fail "linked: not as the settings say"
grep -q '^exits: halted 1' "$work/b.err" || fail "linked: exits"
grep -q 'ioctls instead of' "$work/b.err" || fail "linked: calls not counted"
echo "tests/static: all well"
