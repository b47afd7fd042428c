#!/usr/bin/env bash
# Installs the programs that the interop tests talk to: Prometheus (3.5 or newer), promtool and node_exporter, as Debian
# packages them in a newer suite. They are unpacked into a folder of their own; the system's packages stay untouched.
#
#   tests/install-peers.sh [DIR]     default: ${PROMHOST_PEERS_DIR:-$HOME/.cache/promhost-peers}
#
# Prints the folder of the binaries on its last line: give it to the tests as PROMHOST_PEERS.
set -euo pipefail

dir=${1:-${PROMHOST_PEERS_DIR:-$HOME/.cache/promhost-peers}}
suite=${PROMHOST_PEERS_SUITE:-forky}
bin=$dir/usr/bin

complete() {
  local program
  for program in prometheus promtool prometheus-node-exporter; do
    [ -x "$bin/$program" ] || return 1
  done
}

# The mirror that this machine already uses, with another suite.
mirror() {
  sed -n 's/^URIs: *\([^ ]*debian\)\/*$/\1/p' /etc/apt/sources.list.d/*.sources 2>/dev/null
  sed -n 's/^deb \(\[[^]]*\] \)\?\([^ ]*debian\)\/* .*/\2/p' /etc/apt/sources.list 2>/dev/null
  # A machine has one of the two kinds of files; that the other is missing is no failure.
  true
}

if ! complete; then
  uri=$(mirror | head -n 1)
  if [ -z "$uri" ]; then
    echo "install-peers: this machine has no Debian mirror configured" >&2
    exit 1
  fi

  # An apt state of its own, so that the system's package lists stay as they are.
  state=$dir/apt
  mkdir -p "$state/lists/partial" "$state/cache/archives/partial" "$dir/debs"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $uri $suite main" > "$state/sources.list"
  apt=(apt-get -qq
    -o "Dir::Etc::SourceList=$state/sources.list" -o Dir::Etc::SourceParts=-
    -o "Dir::State::Lists=$state/lists" -o "Dir::Cache=$state/cache" -o APT::Sandbox::User=root)
  "${apt[@]}" update
  (cd "$dir/debs" && "${apt[@]}" download prometheus promtool prometheus-node-exporter)
  for package in "$dir"/debs/*.deb; do
    dpkg -x "$package" "$dir"
  done
  rm -rf "$dir/debs" "$state"
  complete || { echo "install-peers: not every program arrived in $bin" >&2; exit 1; }
fi

version=$("$bin/prometheus" --version 2>&1 | sed -n 's/^prometheus, version \([0-9]*\.[0-9]*\).*/\1/p')
echo "Prometheus $version" >&2
# Before 3.0 range selectors were closed on both sides: answers of an older version cannot be compared.
if [ "$(printf '%s\n3.5\n' "$version" | sort -V | head -n 1)" != 3.5 ]; then
  echo "install-peers: Prometheus $version is older than 3.5" >&2
  exit 1
fi

echo "$bin"
