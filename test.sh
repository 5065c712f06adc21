#!/usr/bin/env bash
# Sets up what the tests need and runs all of them, the three rings one after the other:
#   unit, in memory (the whole server under a virtual clock), real (sockets, and phone programs nobody here wrote).
#
#   ./test.sh              everything
#   ./test.sh NAME ...     only the test projects whose name contains one of the words (Sip.Tests, Plugins, Real ...)
#
# Prints "N passed, N failed" at the end, alone on a line, and fails when anything failed.
set -uo pipefail
cd "$(dirname "$0")" || exit 1
. .ci/need-sdk
say() { printf '\n== %s\n' "$*"; }

# What the real ring drives. Left out on a system without apt: its tests then say what is missing, and fail.
packages=(baresip-core sip-tester sipsak linphone-cli procps iproute2 dnsmasq-base chromium)
command -v npm >/dev/null || packages+=(nodejs npm)
missing=()
for p in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing+=("$p")
done
if [[ ${#missing[@]} -gt 0 ]] && command -v apt-get >/dev/null; then
  say "installing ${missing[*]}"
  sudo=; [[ $(id -u) -eq 0 ]] || sudo=sudo
  { $sudo apt-get -qq update && DEBIAN_FRONTEND=noninteractive $sudo apt-get -qq install -y --no-install-recommends "${missing[@]}"; } \
    > /dev/null || { echo "could not install: ${missing[*]}"; echo "0 passed, 1 failed"; exit 1; }
fi

# The web phone that a browser runs; its version and its digest are in the lock file.
browser=tests/Sip.B2bua.RealTests/Browser
if ! [[ $browser/node_modules/.package-lock.json -nt $browser/package-lock.json ]] && command -v npm >/dev/null; then
  say "installing the web phone"
  (cd "$browser" && npm ci --loglevel=error) || { echo "could not install the web phone"; echo "0 passed, 1 failed"; exit 1; }
fi

say "building"
# The tests, and the server with its plug-ins where run.sh has them.
{ dotnet build Sip.B2bua.sln -c Release --nologo -v q -clp:NoSummary && dotnet build src/server.proj --nologo -v q -clp:NoSummary; } \
  || { echo "0 passed, 1 failed"; exit 1; }

results=$(mktemp -d); trap 'rm -rf "$results"' EXIT
failed_runs=0
for project in tests/Sip.Tests tests/Sip.B2bua.Tests tests/Plugins.Tests tests/Sip.B2bua.FunctionalTests tests/Sip.B2bua.RealTests; do
  name=$(basename "$project")
  if [[ $# -gt 0 ]]; then
    for word in "$@"; do [[ $name == *$word* ]] && break; done
    [[ $name == *$word* ]] || continue
  fi
  say "$name"
  dotnet test "$project" -c Release --no-build --nologo -v q \
    --logger "trx;LogFileName=$name.trx" --logger "console;verbosity=minimal" --results-directory "$results" || failed_runs=1
  [[ -s $results/$name.trx ]] || { echo "$name: no result, the run was broken off"; failed_runs=1; printf '<Counters passed="0" failed="1" />\n' > "$results/$name.trx"; }
done

count() { grep -ho "<Counters [^>]*" "$results"/*.trx | grep -o " $1=\"[0-9]*\"" | tr -dc '0-9\n' | awk '{ s += $1 } END { print s + 0 }'; }
passed=$(count passed) failed=$(($(count failed) + $(count error) + $(count timeout) + $(count aborted)))
[[ $failed_runs -eq 0 || $failed -gt 0 ]] || failed=1
[[ $passed -gt 0 || $failed -gt 0 ]] || failed=1
say "all rings"
echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]
