#!/usr/bin/env bash
# Installs the server as a Linux daemon. To be run again for an upgrade: configuration, state and the plug-ins of others stay.
#   ./install.sh               build, install, start
#   ./install.sh --uninstall   remove the program; configuration and state stay
#   DESTDIR=/tmp/root ./install.sh   for packagers: files only, below that folder
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=${DESTDIR:-}
name=sip-b2bua
opt=$root/opt/$name etc=$root/etc/$name state=$root/var/lib/$name log=$root/var/log/$name unit=$root/etc/systemd/system/$name.service

say() { echo "install.sh: $*"; }
die() { say "$*" >&2; exit 1; }
live() { [ -z "$root" ]; }
systemd_runs() { live && [ -d /run/systemd/system ]; }

case ${1:-} in '' | --uninstall) ;; *) die "unknown option $1; there is only --uninstall" ;; esac
if live && [ "$(id -u)" != 0 ]; then die "must run as root: sudo ./install.sh"; fi

if [ "${1:-}" = --uninstall ]; then
  if systemd_runs; then systemctl disable --now --quiet $name 2>/dev/null || true; fi
  rm -f "$unit"
  if systemd_runs; then systemctl daemon-reload; fi
  if [ -d "$opt" ]; then
    find "$opt" -mindepth 1 -maxdepth 1 ! -name plugins.d -exec rm -rf {} +
    rmdir "$opt/plugins.d" "$opt" 2>/dev/null || say "plug-ins of your own stay in $opt/plugins.d"
  fi
  say "removed. $etc and $state stay, and so does the user $name; delete them if nothing in them is needed."
  exit 0
fi

# 1. Build, with the .NET runtime inside and compiled ahead, so that the machine needs no .NET and starts at once.
. "$here/.ci/need-sdk"
case $(uname -m) in x86_64) arch=x64 ;; aarch64) arch=arm64 ;; armv7l) arch=arm ;; *) die "no .NET runtime for $(uname -m)" ;; esac
if ldd --version 2>&1 | grep -qi musl; then rid=linux-musl-$arch; else rid=linux-$arch; fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
stage=$work/stage
build() { dotnet build "$here/src/server.proj" -t:Stage -v quiet -p:Stage="$stage" "$@" >"$work/log" 2>&1; }
say "building"
if ! build -p:RuntimeIdentifier="$rid" -p:PublishReadyToRun=true; then
  # Without the packages of the runtime (a mirror may lack them) this machine's own is copied.
  say "the packages of the runtime are not to be had; copying the runtime of this machine"
  rm -rf "$stage"
  build -p:AppHostDotNetSearch=AppRelative -p:AppHostRelativeDotNet=dotnet || { cat "$work/log" >&2; die "the build failed"; }
  dotnet_root=$(dirname "$(readlink -f "$(command -v dotnet)")")
  mkdir -p "$stage/dotnet/shared"
  cp -R "$dotnet_root/host" "$stage/dotnet/"
  cp -R "$dotnet_root/shared/Microsoft.NETCore.App" "$dotnet_root/shared/Microsoft.AspNetCore.App" "$stage/dotnet/shared/"
fi
rm -rf "$stage/nlog.config"
chmod -R u=rwX,go=rX "$stage"

# 2. The program. It is replaced as a whole; plugins.d belongs to the administrator and moves along.
mkdir -p "$root/opt"
rm -rf "$opt.new" "$opt.old"
cp -R "$stage" "$opt.new"
if [ -d "$opt/plugins.d" ]; then cp -Rp "$opt/plugins.d" "$opt.new/"; else mkdir "$opt.new/plugins.d"; fi
if [ -d "$opt" ]; then mv "$opt" "$opt.old"; fi
mv "$opt.new" "$opt"
rm -rf "$opt.old"

# 3. A user that owns nothing but its state.
if live && ! id -u $name >/dev/null 2>&1; then
  useradd --system --user-group --no-create-home --home-dir /var/lib/$name --shell /usr/sbin/nologin $name
fi

# 4. Configuration: what is there stays as it is.
install -d -m 755 "$etc"
install -d -m 750 "$state" "$log"
for file in $name.conf nlog.config; do
  [ -e "$etc/$file" ] || install -m 640 "$here/etc/$file" "$etc/$file"
done
if live; then
  chown root:$name "$etc/$name.conf" "$etc/nlog.config"
  chown $name:$name "$state" "$log"
fi

# 5. The service.
install -D -m 644 "$here/etc/$name.service" "$unit"
if ! live; then
  say "installed below $root"
elif systemd_runs; then
  "$opt/$name" --check -c "$etc/$name.conf" >/dev/null || die "the configuration has mistakes (above); mend $etc/$name.conf and run: systemctl restart $name"
  systemctl daemon-reload
  systemctl enable --quiet $name
  systemctl restart $name
  say "installed and running. Log: journalctl -u $name. Users: $state/users.db.txt. Configuration: $etc/$name.conf"
else
  say "installed. systemd does not run here, so nothing was started. To start it: runuser -u $name -- $opt/$name -c $etc/$name.conf"
fi
