#!/usr/bin/env bash
# Runs our media relay for run-rtp.sh: start-relay.sh [THREADS]. Builds it first.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=$here/relay/bin/Release/net10.0
[[ -f $out/RelayBench.dll && -z ${BENCH_BUILD:-} ]] || dotnet build -c Release -v q --nologo "$here/relay" >&2
exec dotnet "$out/RelayBench.dll" "${1:-1}"
