#!/bin/sh
# Makes sure that the packages nvmm-sim needs are there: `packages.sh build`
# or `packages.sh test` (which includes build).  As root they are installed,
# else the command to type is printed.  NO_INSTALL=1 forbids installing.
set -eu

build="binutils libc6-dev pkg-config liblua5.4-dev libzydis-dev libjansson-dev liblzma-dev valgrind"
test="check lcov mandoc libbsd-dev"

# Guests are for x86-64 everywhere.
[ "$(uname -m)" = x86_64 ] || build="binutils-x86-64-linux-gnu $build"

case "${1:-build}" in
build)	wanted=$build ;;
test)	wanted="$build $test" ;;
*)	echo "usage: packages.sh build|test" >&2; exit 2 ;;
esac

if ! command -v dpkg-query >/dev/null 2>&1; then
	# Another system: its packages are its user's business.
	if pkg-config --exists lua5.4 jansson liblzma 2>/dev/null; then
		exit 0
	fi
	echo "nvmm-sim: needs Lua 5.4, Zydis 4, jansson and liblzma with their headers, and pkg-config" >&2
	exit 1
fi

missing=
for p in $wanted; do
	dpkg-query -W -f '${Status}\n' "$p" 2>/dev/null |
	    grep -q '^install ok installed$' || missing="$missing $p"
done
[ -z "$missing" ] && exit 0

command="apt-get install -y --no-install-recommends$missing"
if [ "${NO_INSTALL:-0}" = 1 ] || [ "$(id -u)" != 0 ]; then
	echo "nvmm-sim: packages are missing; as root, type:" >&2
	echo "    $command" >&2
	exit 1
fi
echo "+ apt-get update && $command"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
$command -qq >/dev/null
