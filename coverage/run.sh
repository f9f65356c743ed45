#!/bin/sh
# Builds with coverage, runs suites, property test and scenarios, and holds
# the result against coverage/thresholds.  The report: build/coverage/html.
# SCENARIO_FEW: what the scenarios are run with, as in tests/tests.mk.
set -eu
B=build/coverage
mkdir -p "$B"
rm -f "$B"/*.info
[ -d "$B" ] && find "$B" -name '*.gcda' -delete

make --no-print-directory VARIANT=coverage test-programs >"$B.log" 2>&1 ||
    { tail -n 20 "$B.log"; exit 1; }
CK_FORK=no CLI_FEW=1 make --no-print-directory VARIANT=coverage \
    PROPERTY_COUNT=3000 SCENARIO_RUNS="$SCENARIO_FEW" \
    NATIVE_COUNT=20000 WILD_COUNT=20000 FAULTS_STRIDE=4 \
    suites property scenarios faults native wild >>"$B.log" 2>&1 ||
    { tail -n 60 "$B.log"; exit 1; }

# Debian's perl warns about lcov 1.16 at length.
exec 2>>"$B.log"
lcov --config-file coverage/lcovrc -q -c -d "$B/obj" -o "$B/all.info"
lcov --config-file coverage/lcovrc -q -e "$B/all.info" "$PWD/lib/*" \
    "$PWD/sim/*" -o "$B/own.info"
genhtml --config-file coverage/lcovrc -q "$B/own.info" -o "$B/html" \
    --branch-coverage
sh coverage/check.sh "$B/own.info" coverage/thresholds
