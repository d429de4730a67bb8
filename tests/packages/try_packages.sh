#!/usr/bin/env bash
# Installs the Debian packages into a clean root and starts both programs there; needs root rights and debootstrap.
#   tests/packages/try_packages.sh BUILD_FOLDER ROOT
# BUILD_FOLDER: of `cmake -S . -B BUILD_FOLDER -DMTOK_TESTS=OFF`, built. ROOT: a folder that debootstrap fills when it
# does not exist; Debian 12. Pictures and the result of a run are left in ROOT/tmp/mtok.
set -euo pipefail
build=$(cd "$1" && pwd)
root=$2
suite=bookworm
source=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
desktop=$source/app/gui/desktop

say() { printf '== %s\n' "$*"; }
inside() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 HOME=/tmp/mtok "$@"; }

say "packages"
rm -f "$build"/mtok*.deb
(cd "$build" && cpack -G DEB >/dev/null 2>&1)
ls -1 "$build"/mtok*.deb

if [[ ! -d $root ]]; then
  say "a clean Debian root"
  debootstrap --variant=minbase "$suite" "$root" >/dev/null
fi

mount -t proc proc "$root/proc"  # programs find their data from where they lie
trap 'umount "$root/proc"' EXIT

say "installation"
mkdir -p "$root/tmp/mtok/packages"
cp "$build"/mtok*.deb "$root/tmp/mtok/packages"
inside apt-get update -qq
inside sh -c 'DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --reinstall --no-install-recommends /tmp/mtok/packages/*.deb \
  desktop-file-utils shared-mime-info appstream >/tmp/mtok/apt.log 2>&1 || { tail -20 /tmp/mtok/apt.log; exit 1; }'
inside dpkg-query -W -f '${Package} ${Version} ${Status}\n' mtok mtok-gui mtok-data

say "desktop entry, AppStream, MIME type, icon"
inside desktop-file-validate /usr/share/applications/mtok-gui.desktop
inside appstreamcli validate --no-net /usr/share/metainfo/mtok-gui.metainfo.xml
inside update-mime-database /usr/share/mime
grep -q 'application/x-mtok-project:\*.mtok' "$root/usr/share/mime/globs"
inside update-desktop-database /usr/share/applications
grep -q 'application/x-mtok-project=mtok-gui.desktop' "$root/usr/share/applications/mimeinfo.cache"
cmp "$desktop/mtok-gui.svg" "$root/usr/share/icons/hicolor/scalable/apps/mtok-gui.svg"

say "mtok"
inside mtok run /usr/share/mtok/workloads/chat.yaml --format json -o /tmp/mtok/run.json
grep -q '"schema": *"mtok.run/1"' "$root/tmp/mtok/run.json"
inside mtok report /tmp/mtok/run.json -o /tmp/mtok/memo.pdf

say "mtok-gui"
for view in compare ladder; do
  inside mtok-gui --screenshot "$view" "/tmp/mtok/$view.png" /usr/share/mtok/workloads/support-chat.mtok
done
inside mtok-gui --screenshot latency /tmp/mtok/latency.png /usr/share/mtok/workloads/chat.yaml
file "$root"/tmp/mtok/*.png

say "removal leaves nothing"
inside sh -c 'DEBIAN_FRONTEND=noninteractive apt-get remove -y -qq mtok mtok-gui mtok-data >/dev/null 2>&1'
test ! -e "$root/usr/bin/mtok" && test ! -e "$root/usr/bin/mtok-gui" && test ! -e "$root/usr/share/mtok"
say "all well"
