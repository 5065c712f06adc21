#!/usr/bin/env bash
# Runs the server in the foreground for a load: bench/start-server.sh
# It listens on $BENCH_HOST:$BENCH_PORT (UDP and TCP) and serves $BENCH_DOMAIN with $BENCH_USERS accounts, u000000 with the
# password pw-u000000 and so on. Its files go into $BENCH_DIR. Build it first: ./run.sh --version
#   BENCH_LOOPS   event loops (0: one for each core)
#   BENCH_MEDIA   on: relay media too (off: the peers it is compared with do not)
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
dir=${BENCH_DIR:?} host=${BENCH_HOST:-127.0.0.1} port=${BENCH_PORT:-5060} domain=${BENCH_DOMAIN:-bench.test}
media=false; [[ ${BENCH_MEDIA:-off} != on ]] || media=true
mkdir -p "$dir/sip-b2bua"
{
  echo 'version:1'
  awk -v n="${BENCH_USERS:?}" -v d="$domain" 'BEGIN { for (i = 0; i < n; i++) printf "u%06d@%s clrtxt:pw-u%06d ;\n", i, d, i }'
} > "$dir/sip-b2bua/users.db.txt"
cat > "$dir/sip-b2bua/server.conf" <<CONF
[global]
transports=sip:$host:$port
aliases=$domain
event-loops=${BENCH_LOOPS:-0}
log-level=warning
max-calls=100000
[module::DoSProtection]
enabled=false
[module::Registrar]
enabled=true
reg-domains=$domain
max-expires=7200
[module::Authentication]
enabled=true
auth-domains=$domain
db-implementation=file
file-path=$dir/sip-b2bua/users.db.txt
[module::MediaRelay]
enabled=$media
CONF
STATE_DIRECTORY="$dir/sip-b2bua/state" exec "$root/artifacts/server/sip-b2bua" -c "$dir/sip-b2bua/server.conf"
