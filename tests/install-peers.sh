#!/usr/bin/env bash
# Installs the programs that the interop tests talk to: Prometheus (3.5 or newer), promtool and node_exporter, as Debian
# packages them in a newer suite, and the Prometheus 2.42 of Debian 12, whose data directories must stay readable. They are
# unpacked into a folder of their own; the system's packages stay untouched.
#
#   tests/install-peers.sh [DIR]     default: ${PROMHOST_PEERS_DIR:-$HOME/.cache/promhost-peers}
#
# Prints the folder of the binaries on its last line: give it to the tests as PROMHOST_PEERS. Prometheus 2.42 lies beside
# it, in ../../2.42/usr/bin.
set -euo pipefail

dir=${1:-${PROMHOST_PEERS_DIR:-$HOME/.cache/promhost-peers}}
suite=${PROMHOST_PEERS_SUITE:-forky}
old_suite=bookworm
bin=$dir/usr/bin
old=$dir/2.42

complete() {
  local program
  for program in "$bin/prometheus" "$bin/promtool" "$bin/prometheus-node-exporter" "$old/usr/bin/prometheus"; do
    [ -x "$program" ] || return 1
  done
}

# The mirror that this machine already uses, with another suite.
mirror() {
  sed -n 's/^URIs: *\([^ ]*debian\)\/*$/\1/p' /etc/apt/sources.list.d/*.sources 2>/dev/null
  sed -n 's/^deb \(\[[^]]*\] \)\?\([^ ]*debian\)\/* .*/\2/p' /etc/apt/sources.list 2>/dev/null
  # A machine has one of the two kinds of files; that the other is missing is no failure.
  true
}

# unpack SUITE FOLDER PACKAGE...: with an apt state of its own, so that the system's package lists stay as they are.
unpack() {
  local from=$1 to=$2 state=$dir/apt/$1 package
  shift 2
  mkdir -p "$state/lists/partial" "$state/cache/archives/partial" "$state/debs" "$to"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $uri $from main" > "$state/sources.list"
  local apt=(apt-get -qq
    -o "Dir::Etc::SourceList=$state/sources.list" -o Dir::Etc::SourceParts=-
    -o "Dir::State::Lists=$state/lists" -o "Dir::Cache=$state/cache" -o APT::Sandbox::User=root)
  "${apt[@]}" update
  (cd "$state/debs" && "${apt[@]}" download "$@")
  for package in "$state"/debs/*.deb; do
    dpkg -x "$package" "$to"
  done
  rm -rf "$dir/apt"
}

if ! complete; then
  uri=$(mirror | head -n 1)
  if [ -z "$uri" ]; then
    echo "install-peers: this machine has no Debian mirror configured" >&2
    exit 1
  fi

  unpack "$suite" "$dir" prometheus promtool prometheus-node-exporter
  unpack "$old_suite" "$old" prometheus
  complete || { echo "install-peers: not every program arrived in $dir" >&2; exit 1; }
fi

version=$("$bin/prometheus" --version 2>&1 | sed -n 's/^prometheus, version \([0-9]*\.[0-9]*\).*/\1/p')
echo "Prometheus $version" >&2
# Before 3.0 range selectors were closed on both sides: answers of an older version cannot be compared.
if [ "$(printf '%s\n3.5\n' "$version" | sort -V | head -n 1)" != 3.5 ]; then
  echo "install-peers: Prometheus $version is older than 3.5" >&2
  exit 1
fi

echo "$bin"
