#!/usr/bin/env bash
# Sets mtok up where needed, then runs it.
#
#   ./run.sh          the demo: what each technique saves on a chat workload
#   ./run.sh ARGS…    mtok ARGS…, with its exit code; only mtok writes to stdout
#   ./run.sh gui      the window
set -euo pipefail
# shellcheck source=.ci/setup.sh
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.ci/setup.sh"

demo=(ladder "$root/workloads/chat.yaml")
bin=$root/build/release/bin

locked install_packages "${build_packages[@]}"
is_configured release || locked configure release -DMTOK_TESTS=OFF || die "mtok could not be configured"
locked build release programs || die "mtok could not be built"

if [[ $# -eq 0 ]]; then
  exec "$bin/mtok" "${demo[@]}"
elif [[ $1 != gui ]]; then
  exec "$bin/mtok" "$@"
fi
exec "$bin/mtok-gui" "${@:2}"
