#!/usr/bin/env bash
# Does what docs/tutorial.md says, in an empty directory: writes the client, runs each command of
# its consoles and holds what is printed against the page. Of its first block, which builds and installs
# prlsim, it takes the exports.
# Usage: tutorial.sh PAGE BUILD_DIR LIBRARY_FOLDER SCRATCH_DIR
set -euo pipefail
page=$1 build=$2 library_folder=$3 scratch=$4

rm -rf "$scratch"
mkdir -p "$scratch/work"
cmake --install "$build" --prefix "$scratch/prlsim" >/dev/null
# The page says where it is on Debian; another system may name the folder of libraries otherwise.
exports=$(sed -n '/^```sh$/,/^```$/ { /^export /p }' "$page")
[ "$(wc -l <<<"$exports")" = 3 ]
HOME=$scratch eval "${exports//\/prlsim\/lib//prlsim/$library_folder}"
cd "$scratch/work"

# The blocks, in their order: <number>.c and <number>.console.
awk -v to="$scratch" '
  /^```(c|console)$/ { kind = substr($0, 4); file = sprintf("%s/%02d.%s", to, ++count, kind); next }
  /^```/ { file = ""; next }
  file { print > file }' "$page"

commands=0
# Runs the commands of a console; each line of output must be the next one of the page.
run_console() {
  local expected=$1.expected printed=$1.printed
  : >"$expected"
  : >"$printed"
  while IFS= read -r line; do
    if [[ $line == '$ '* ]]; then
      bash -c "${line#\$ }" >>"$printed" 2>&1 || true
      commands=$((commands + 1))
    else
      printf '%s\n' "$line" >>"$expected"
    fi
  done <"$1"
  diff -u "$expected" "$printed"
}

# The second block of C takes the place of the function of its name in the first one.
mend() {
  awk -v new="$1" '
    /^static PRL_RESULT finish/ { while ((getline line < new) > 0) print line; skipping = 1 }
    !skipping { print }
    skipping && /^}/ { skipping = 0 }' nap.c >mended.c
  mv mended.c nap.c
}

for block in "$scratch"/[0-9]*.c "$scratch"/[0-9]*.console; do echo "$block"; done | sort |
  while IFS= read -r block; do
    case $block in
      *.console)
        run_console "$block" || exit 1
        echo "commands $commands"
        ;;
      *) if [ -e nap.c ]; then mend "$block"; else cp "$block" nap.c; fi ;;
    esac
  done | tee "$scratch/done"
# A page without its blocks must not pass.
[ "$(tail -n 1 "$scratch/done")" = "commands 7" ]
