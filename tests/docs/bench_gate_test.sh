#!/usr/bin/env bash
# scripts/bench_gate finds a slowdown of 10 % in the ratios and nothing else; scripts/bench_svg draws
# what has a goal. Usage: bench_gate_test.sh SOURCE_DIR
set -euo pipefail
cd "$1"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A file as Google Benchmark writes it: every round, then the aggregates.
rounds() {  # MS RATIO OTHER_RATIO
  printf '{\n  "context": {},\n  "benchmarks": [\n'
  printf '    {\n      "run_name": "resume_api/iterations:1/repeats:11/manual_time",\n'
  printf '      "run_type": "iteration",\n      "over_read": 9.9e+01\n    },\n'
  for aggregate in mean median stddev; do
    local factor=1
    [ "$aggregate" = median ] || factor=7
    printf '    {\n      "run_name": "resume_api/iterations:1/repeats:11/manual_time",\n'
    printf '      "run_type": "aggregate",\n      "aggregate_name": "%s",\n' "$aggregate"
    printf '      "ms": %s,\n' "$1"
    awk -v f=$factor -v a="$2" -v b="$3" 'BEGIN {
      printf "      \"4096mib_over_64mib\": %.16e,\n      \"over_read\": %.16e\n    },\n", f * a, f * b
    }'
  done
  printf '    {}\n  ]\n}\n'
}

fail() { echo "$*" >&2; exit 1; }
gate() { scripts/bench_gate "$@" > "$work/out" 2>&1; }

rounds 1.0 1.00 8.0e-05 > "$work/before"
rounds 2.0 1.02 7.0e-05 > "$work/quicker"
rounds 1.0 1.00 8.8e-05 > "$work/slower"
gate "$work/before" "$work/before" || fail "a file is slower than itself: $(cat "$work/out")"
gate "$work/before" "$work/quicker" || fail "times alone were compared: $(cat "$work/out")"
grep -c '^ok' "$work/out" | grep -qx 2 || fail "not two ratios: $(cat "$work/out")"
! gate "$work/before" "$work/slower" || fail "10 % were not caught: $(cat "$work/out")"
grep -q '^slower resume_api_over_read ' "$work/out" || fail "not named: $(cat "$work/out")"
gate "$work/before" "$work/slower" 1.2 || fail "the limit was not heeded: $(cat "$work/out")"
grep -v over_read "$work/before" > "$work/gone"
! gate "$work/before" "$work/gone" || fail "a figure that is gone was not missed"
! gate "$work/before" /dev/null || fail "an empty file was accepted"
! gate "$work/before" || fail "one file was accepted"

printf '%s\n' 'figure a_over_b 0.5 goal 1 ok' 'figure c_over_d 3 goal 2 short' \
  'figure e_ms 7 goal - ok' 'a line of something else' | scripts/bench_svg > "$work/svg"
grep -q '>0.5 of 1<' "$work/svg" || fail "no bar of the first: $(cat "$work/svg")"
grep -q '>3 of 2<' "$work/svg" || fail "no bar of the second: $(cat "$work/svg")"
! grep -q 'e_ms' "$work/svg" || fail "a figure without a goal was drawn"
[ "$(grep -c '^<rect x' "$work/svg")" = 2 ] || fail "not two bars: $(cat "$work/svg")"
