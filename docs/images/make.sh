#!/usr/bin/env bash
# Makes the pictures of every view, light and dark: docs/images/make.sh [FOLDER] [SCALE]
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
folder=${1:-$root/docs/images}
scale=${2:-1}
gui=$root/build/release/bin/mtok-gui
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
export HOME=$home XDG_RUNTIME_DIR=$home QT_QPA_PLATFORM=offscreen LC_ALL=C.UTF-8 LANG=en_US.UTF-8
for view in ladder compare breakdown pareto latency timeline sensitivity sweep capacity validation calibrate welcome; do
  "$gui" --screenshot "$view" "$folder/$view.png" --scale "$scale" 2>/dev/null
  "$gui" --screenshot "$view" "$folder/$view-dark.png" --dark --scale "$scale" 2>/dev/null
done
