#!/usr/bin/env bash
# Sets mtok up where needed, then runs every test. The last line is "N passed, M failed".
#
#   ./test.sh          all: release build, sanitizer build, layout, clang-tidy, a look at this host
#   ./test.sh --quick  release build and layout
#   ./test.sh --tidy   clang-tidy
set -euo pipefail
# shellcheck source=.ci/setup.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.ci/setup.sh"

passed=0
failed=0
skipped=0
complete=false

# add NAME PASSED FAILED SKIPPED SINCE: counts results and says them.
add() {
  passed=$((passed + $2))
  failed=$((failed + $3))
  skipped=$((skipped + $4))
  echo "$1: $2 passed, $3 failed, $4 skipped, $((SECONDS - $5)) s"
}

# The sums come last, whatever happens; a script that stops half-way has failed.
summary() {
  if [[ $complete == false ]]; then
    failed=$((failed + 1))
  fi
  echo "$skipped skipped"
  echo "$passed passed, $failed failed"
  if ((failed > 0)); then
    exit 1
  fi
}

# check NAME COMMAND…: one test, passed when the command succeeds; what it printed is shown when it fails.
check() {
  local log=$root/build/$1.log start=$SECONDS
  if "${@:2}" >"$log" 2>&1; then
    add "$1" 1 0 0 "$start"
  else
    tail -n 300 "$log"
    add "$1" 0 1 0 "$start"
  fi
}

# Prints "passed failed skipped" from the head of a JUnit file of ctest.
count_junit() {
  awk '
    /<testcase/ { exit }
    {
      while (match($0, /(tests|failures|disabled|skipped)="[0-9]+"/)) {
        split(substr($0, RSTART, RLENGTH), pair, /="|"/)
        count[pair[1]] = pair[2]
        $0 = substr($0, RSTART + RLENGTH)
      }
    }
    END {
      idle = count["disabled"] + count["skipped"]
      print count["tests"] - count["failures"] - idle, count["failures"] + 0, idle
    }' "$1"
}

# run_tests PRESET: every test of a build, counted one by one; shows what is not a pass.
run_tests() {
  local folder=$root/build/$1 start=$SECONDS status=0 good=0 bad=0 idle=0
  local junit=$folder/tests.xml log=$root/build/$1.tests.log
  rm -f "$junit"
  ctest --test-dir "$folder" -j "$jobs" --no-tests=error --output-on-failure --output-junit "$junit" \
    >"$log" 2>&1 </dev/null || status=$?
  if [[ -f $junit ]]; then
    read -r good bad idle < <(count_junit "$junit")
  fi
  if ((status != 0 && bad == 0)); then
    bad=1
  fi
  if ((bad > 0)); then
    grep -vE '^ *Start +[0-9]+:| Passed +[0-9.]+ sec$' "$log" | tail -n 400
  fi
  add "$1 tests" "$good" "$bad" "$idle" "$start"
}

# Builds PRESET with the tests; a build that fails is one failed test, and there is nothing to run.
build_and_test() {
  local start=$SECONDS
  if locked configure "$1" -DMTOK_TESTS=ON && locked build "$1" all; then
    say "built $1 in $((SECONDS - start)) s"
    run_tests "$1"
  else
    add "$1 build" 0 1 0 "$start"
  fi
}

layout() {
  (cd "$root" && find sim app tests -name '*.[ch]pp' -print0 | xargs -0 -r clang-format-14 --dry-run -Werror)
}

# Every source of the library and the programs, with the compile commands of the release build.
tidy() {
  is_configured release || configure release -DMTOK_TESTS=ON || return
  (cd "$root" && find sim app -name '*.cpp' -print0 |
    xargs -0 -r -n 1 -P "$jobs" clang-tidy-14 --quiet -p build/release --extra-arg=-Wno-unknown-warning-option \
      2> >(grep -v '^[0-9]* warnings generated' >&2))
}

# The CPU model against kernels run here, with loose bounds; a machine that other work disturbs is reported, not failed.
host() {
  "$root/build/release/bin/mtok" validate host --quick --gate 0.5
}

case "$*" in
  '') stages=(release asan layout tidy host) ;;
  --quick) stages=(release layout) ;;
  --tidy) stages=(tidy) ;;
  *)
    say "usage: ./test.sh [--quick | --tidy]"
    exit 2
    ;;
esac

trap summary EXIT
locked install_packages "${build_packages[@]}" "${test_packages[@]}"
for stage in "${stages[@]}"; do
  case $stage in
    release | asan) build_and_test "$stage" ;;
    layout | tidy) check "$stage" "$stage" ;;
    host)
      check host host
      grep '^disturbed machine' "$root/build/host.log" || true
      ;;
  esac
done
complete=true
