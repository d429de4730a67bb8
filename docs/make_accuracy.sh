#!/usr/bin/env bash
# Writes docs/accuracy.md: every prediction against every public measurement at hand, and the recorded ones of a host. Usage: docs/make_accuracy.sh FOLDER, the folder
# with kernels_*.csv, collectives.csv, serving_public.csv and request_traces_public.csv.
set -euo pipefail
measured=$(readlink -f "$1")
root=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
mtok=$root/build/release/bin/mtok
{
  cat "$root/docs/accuracy_head.md"
  echo
  "$mtok" validate trace "$measured/request_traces_public.csv" --format md
  echo
  "$mtok" validate serving "$measured/serving_public.csv" --format md
  echo
  cat "$root/docs/accuracy_host.md"
  echo
  "$mtok" validate host --recorded "$root/tests/accuracy/recorded_host.csv" --format md
  echo
  "$mtok" validate host --recorded "$root/tests/accuracy/recorded_host_isa.csv" --format md | sed 's/measured: host/measured: host under other instruction sets/'
  echo
  "$mtok" validate kernels "$measured"/kernels_*.csv "$measured/collectives.csv" --format md
  echo
  echo '# Devices left out: all constants fitted anew to all kernel files, nothing shipped'
  echo
  "$mtok" calibrate kernels "$measured"/kernels_*.csv "$measured/collectives.csv" --format md | sed '1,2d; /^## [a-z]/,$d; s/^## /### /'
} | sed 's/^# /## /; s/^## By/### By/; s/^## Largest/### Largest/; s/^## Why/### Why/; s/^## \(Errors\|Speed-ups\|Mixtures\|Forward\)/### \1/' >"$root/docs/accuracy.md"
