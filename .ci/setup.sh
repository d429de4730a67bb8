# shellcheck shell=bash
# What run.sh and test.sh share: packages, configuration, build. To be sourced.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
jobs=$(nproc)

# shellcheck disable=SC2034  # both lists are read by the scripts that source this file
build_packages=(g++ cmake ninja-build ccache pkg-config libboost-graph-dev libyaml-cpp-dev libtbb-dev libfmt-dev
  zlib1g-dev libzstd-dev libssl-dev libcli11-dev nlohmann-json3-dev
  libdnnl-dev ocl-icd-opencl-dev libxlsxwriter-dev
  qt6-base-dev qt6-svg-dev libqcustomplot-dev libqcustomplot2.1-qt6 libgl-dev libopengl-dev fonts-dejavu-core)
# shellcheck disable=SC2034
test_packages=(libgtest-dev libgmock-dev librapidcheck-dev libbenchmark-dev clang-format-14 clang-tidy-14
  libreoffice-calc poppler-utils chromium xvfb xauth unzip zip libvalijson-dev)

# What was compiled in one clone serves another one in a different folder.
export CCACHE_BASEDIR="$root" CCACHE_NOHASHDIR=1
# What ccache asks for before it keeps what was compiled with precompiled headers.
export CCACHE_SLOPPINESS=pch_defines,time_macros

say() { echo "$*" >&2; }
die() {
  say "error: $*"
  exit 1
}

# locked COMMAND…: runs it in a subshell while no other script sets up or builds in this folder.
locked() {
  mkdir -p "$root/build"
  (flock 9 && "$@") 9>"$root/build/.lock"
}

# Names those of the given packages that are not installed. dpkg-query fails when it does not know one of them.
missing_packages() {
  { dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null || true; } |
    awk -v wanted="$*" '
      $2 == "installed" { installed[$1] = 1 }
      END {
        count = split(wanted, name, " ")
        for (i = 1; i <= count; i++) if (!(name[i] in installed)) print name[i]
      }'
}

as_root() {
  if [[ $(id -u) -eq 0 ]]; then
    "$@"
  else
    sudo "$@"
  fi
}

# Installs those of the given packages that are missing; makes no apt call when none is.
install_packages() {
  local missing log=$root/build/install.log
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    say "note: not a Debian system; taking for granted what these packages hold: $*"
    return
  fi
  mapfile -t missing < <(missing_packages "$@")
  if [[ ${#missing[@]} -eq 0 ]]; then
    return
  fi
  if [[ $(id -u) -ne 0 ]] && ! command -v sudo >/dev/null; then
    die "these packages are missing, and to install them this script must run as root or find sudo: ${missing[*]}"
  fi
  say "installing: ${missing[*]}"
  if ! {
    as_root apt-get update
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -y --no-install-recommends \
      install "${missing[@]}"
  } >"$log" 2>&1 </dev/null; then
    tail -n 20 "$log" >&2
    die "apt-get could not install these packages: ${missing[*]} (all that it said: $log)"
  fi
}

# True when build/PRESET was configured, and in this folder rather than in one that this is a copy of.
is_configured() {
  [[ -f $root/build/$1/build.ninja ]] &&
    grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$root/build/$1/CMakeCache.txt"
}

# configure PRESET [CMAKE_ARGUMENT…]: says nothing unless it fails.
configure() {
  local preset=$1 log=$root/build/$1.configure.log
  shift
  is_configured "$preset" || rm -rf "${root:?}/build/$preset"
  if ! (cd "$root" && cmake --preset "$preset" "$@") >"$log" 2>&1; then
    cat "$log" >&2
    return 1
  fi
}

# Reads what a build of PRESET prints; once that takes longer than a few seconds, says now and then how far it is.
show_progress() {
  local line next=$((SECONDS + 3))
  while IFS= read -r line; do
    if ((SECONDS >= next)) && [[ $line =~ ^\[([0-9]+)/([0-9]+)\] ]]; then
      say "building $1: step ${BASH_REMATCH[1]} of ${BASH_REMATCH[2]}"
      next=$((SECONDS + 10))
    fi
  done
}

# build PRESET TARGET: incremental; all words go to stderr, those of the compiler only when it fails.
build() {
  local log=$root/build/$1.build.log
  if ! (
    set -o pipefail
    cmake --build "$root/build/$1" --target "$2" -j "$jobs" 2>&1 </dev/null | tee "$log" | show_progress "$1"
  ); then
    grep -vE '^\[[0-9]+/[0-9]+\] ' "$log" >&2
    return 1
  fi
}
