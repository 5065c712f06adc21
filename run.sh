#!/usr/bin/env bash
# Builds the server and starts it in the foreground; Ctrl-C ends it. All options go to the server: ./run.sh -c FILE, ./run.sh --help
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/.ci/need-sdk"

log=$(mktemp)
if ! dotnet build "$here/src/server.proj" -v quiet >"$log" 2>&1; then
  cat "$log" >&2
  rm -f "$log"
  exit 1
fi
rm -f "$log"

config=(-c "$here/etc/sip-b2bua.conf")
for option in "$@"; do
  case $option in -c | -c?* | --config | --config=* | --config:*) config=() ;; esac
done

# What the server must remember stays in the checkout, unless the configuration says otherwise.
export STATE_DIRECTORY="${STATE_DIRECTORY:-$here/var}" LOGS_DIRECTORY="${LOGS_DIRECTORY:-$here/var/log}"
exec "$here/artifacts/server/sip-b2bua" ${config[@]+"${config[@]}"} "$@"
