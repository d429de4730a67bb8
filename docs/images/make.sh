#!/usr/bin/env bash
# Makes the pictures of every view: docs/images/make.sh [FOLDER] [SCALE] [dark]
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
folder=${1:-$root/docs/images}
scale=${2:-1}
gui=$root/build/release/bin/mtok-gui
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
export HOME=$home XDG_RUNTIME_DIR=$home QT_QPA_PLATFORM=offscreen LC_ALL=C.UTF-8 LANG=en_US.UTF-8
options=(--scale "$scale")
suffix=
if [[ $scale != 1 ]]; then
  suffix=@$scale
fi
if [[ ${3:-} == dark ]]; then
  options+=(--dark)
  suffix=-dark$suffix
fi
for view in ladder compare breakdown pareto latency timeline sensitivity sweep capacity validation calibrate welcome; do
  project=()
  case $view in
    capacity) project=("$root/workloads/capacity_chat.yaml") ;;
    calibrate) project=("$root/workloads/chat.yaml" "$root/tests/unit/validation/bench/vllm.json") ;;
  esac
  "$gui" --screenshot "$view" "$folder/$view$suffix.png" "${project[@]}" "${options[@]}" 2>/dev/null
  if command -v convert >/dev/null; then
    convert "$folder/$view$suffix.png" +dither -colors 96 -strip "PNG8:$folder/$view$suffix.png"
  fi
done
