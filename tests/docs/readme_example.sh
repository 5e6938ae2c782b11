#!/usr/bin/env bash
# Compiles the client that the README prints, exactly as printed, runs it and holds its output
# against what the README promises.
# Usage: readme_example.sh README COMPILER INCLUDE_DIR LIBRARY_DIR SCRATCH_DIR [FLAGS...]
set -euo pipefail
readme=$1 compiler=$2 include=$3 library=$4 scratch=$5
shift 5

mkdir -p "$scratch"
awk '/^```c$/ { inside = 1; next } /^```$/ { inside = 0 } inside' "$readme" >"$scratch/example.c"
lines=$(wc -l <"$scratch/example.c")
[ "$lines" -ge 20 ] || { echo "the README prints no example" >&2; exit 1; }
"$compiler" -std=c11 -Wall -Wextra -Werror "$@" -I"$include" "$scratch/example.c" \
  -L"$library" -lprl_sdk -Wl,-rpath,"$library" -o "$scratch/example"
"$scratch/example" >"$scratch/printed"
awk '/^It prints$/ { inside = 1; next } inside && /^#/ { exit } inside && /^    / { print substr($0, 5) }' \
  "$readme" >"$scratch/promised"
[ -s "$scratch/promised" ] || { echo "the README promises no output" >&2; exit 1; }
diff -u "$scratch/promised" "$scratch/printed"
