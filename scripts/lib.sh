# Helpers that the scripts share; to be sourced after `set -euo pipefail`.
# shellcheck shell=bash

cd "$(dirname "${BASH_SOURCE[0]}")/.."
SCRIPT=$(basename "$0")
PART_NAMES=() PART_SECONDS=() PART_CODES=()

say() { printf '%s: %s\n' "$SCRIPT" "$*" >&2; }

# Runs a command as a named part, keeps its seconds and exit code, and goes on when it fails.
part() { # name command…
  local name=$1 started=$EPOCHREALTIME code=0
  shift
  printf '\n── %s\n' "$name" >&2
  # A subshell with `set -e` of its own: a failing command inside a function ends that part at once,
  # which bash does not do for functions called in a condition.
  set +e
  (
    set -e
    "$@"
  )
  code=$?
  set -e
  PART_NAMES+=("$name") PART_CODES+=("$code")
  PART_SECONDS+=("$(seconds_since "$started")")
}

seconds_since() { # an earlier value of EPOCHREALTIME
  local now=$EPOCHREALTIME
  local micros=$((${now//[.,]/} - ${1//[.,]/}))
  printf '%d.%01d' $((micros / 1000000)) $((micros % 1000000 / 100000))
}

# Prints how long each part took; the answer is 1 when one of them failed.
closing_table() {
  local at failed=0 verdict
  printf '\n%-34s %9s  %s\n' "$SCRIPT" seconds result >&2
  for at in "${!PART_NAMES[@]}"; do
    verdict=ok
    if [ "${PART_CODES[$at]}" != 0 ]; then verdict="FAILED (exit ${PART_CODES[$at]})" failed=1; fi
    printf '%-34s %9s  %s\n' "${PART_NAMES[$at]}" "${PART_SECONDS[$at]}" "$verdict" >&2
  done
  return "$failed"
}

# Runs a command in the environment that a wasm build needs.
in_wasm_env() {
  local vars
  vars=$(scripts/setup --env)
  (
    eval "$vars"
    "$@"
  )
}
