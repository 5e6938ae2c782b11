# Completion of the command prlsim for bash.
_prlsim() {
  local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
  local settings="--scenario --seed --clock --profile --delivery --library"
  # Bash makes three words of --option=value.
  if [ "$word" = "=" ]; then
    word=
  elif [ "$previous" = "=" ] && [ "$COMP_CWORD" -gt 2 ]; then
    previous=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  local i
  for ((i = 1; i < COMP_CWORD; ++i)); do
    if [ "${COMP_WORDS[i]}" = -- ]; then
      # The client's command: programs first, files after.
      if [ "$previous" = -- ]; then
        mapfile -t COMPREPLY < <(compgen -c -- "$word"; compgen -f -- "$word")
      else
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
      fi
      return
    fi
  done
  case "$previous" in
    --clock) mapfile -t COMPREPLY < <(compgen -W "virtual manual real scaled scaled:" -- "$word"); return ;;
    --delivery) mapfile -t COMPREPLY < <(compgen -W "free awaited late" -- "$word"); return ;;
    --profile) mapfile -t COMPREPLY < <(compgen -W "desktop virtuozzo" -- "$word"); return ;;
    --format) mapfile -t COMPREPLY < <(compgen -W "text json chrome" -- "$word"); return ;;
    --effects)
      # A list: what is behind the last comma.
      mapfile -t COMPREPLY < <(compgen -P "${word%"${word##*,}"}" \
        -W "fail hang delay time_out lose kill_vm disconnect duplicate no_memory" -- "${word##*,}")
      return ;;
    --expect) mapfile -t COMPREPLY < <(compgen -W "any exit crash timeout unmet misuse leak" -- "$word"); return ;;
    --library | --out) mapfile -t COMPREPLY < <(compgen -d -- "$word"); return ;;
    --scenario | show)
      mapfile -t COMPREPLY < <(
        compgen -W "$("${COMP_WORDS[0]}" scenario list 2>/dev/null | cut -d' ' -f1)" -- "$word"
        [ "$previous" = show ] || compgen -f -- "$word")
      return ;;
    --trace | --junit | --html) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
  esac
  local words
  case "${COMP_WORDS[1]}" in
    run) words="$settings --trace --timeout --json --help --" ;;
    sweep) words="$settings --timeout --patience --delay --jobs --shard --except --effects --calls
                  --out --json --junit --html --help --" ;;
    replay) words="$settings --timeout --patience --out --json --help -- $(compgen -f -- "$word")" ;;
    shrink) words="$settings --timeout --patience --expect --max-runs --out --json --help --" ;;
    scenario)
      if [ "$COMP_CWORD" -eq 2 ]; then
        words="check list show --help"
      else
        words="--help"
        [ "${COMP_WORDS[2]}" = show ] || words="--json --help"
        [ "${COMP_WORDS[2]}" != check ] || words="$words $(compgen -f -- "$word")
          $("${COMP_WORDS[0]}" scenario list 2>/dev/null | cut -d' ' -f1)"
      fi ;;
    trace) words="--format --help $(compgen -f -- "$word")" ;;
    doctor) words="--library --json --help" ;;
    *) words= ;;
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then words="run sweep replay shrink scenario trace doctor --version --help"; fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}
complete -o filenames -F _prlsim prlsim
