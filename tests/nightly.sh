#!/usr/bin/env bash
# The long suites: run before a release and every night. Needs tests/install-peers.sh's programs.
#
#   tests/nightly.sh [SUITE...]      interop, fuzz, stress, crash, model, churn, storm; all of them by default
set -euo pipefail
cd "$(dirname "$0")/.."

tsdb() { dotnet test -c "$1" tests/PromHost.Tsdb.Tests --filter "FullyQualifiedName~$2" "${@:3}"; }

# Twenty kills at random moments under load from four connections; a hundred under a mixed load, with deletions and
# compactions.
interop() { PROMHOST_KILLS=20 PROMHOST_MIXED_KILLS=100 dotnet test -c Release tests/PromHost.Interop.Tests; }

# Random queries over random series and random regular expressions, to PromHost and a real Prometheus, for some minutes.
fuzz() {
    PROMHOST_FUZZ_QUERIES=20000 PROMHOST_FUZZ_PATTERNS=5000 PROMHOST_FUZZ_SEED=${PROMHOST_FUZZ_SEED:-$RANDOM} \
        dotnet test -c Release tests/PromHost.Interop.Tests --filter 'FullyQualifiedName~FuzzTests' \
        --logger 'console;verbosity=detailed'
}

# Queries while the head is truncated, for longer, in a debug build, which overwrites what is freed.
stress() { PROMHOST_STRESS_STEPS=20000 tsdb Debug HeadLifetimeStressTests; }

# A database, and the tools that change one, on a simulated disk: killed, and their power cut, at every change; the cuts
# twenty times with other losses.
crash() { PROMHOST_CRASH_ROUNDS=20 tsdb Release CrashTests; }

# Random operations against a model, about ten minutes.
model() { PROMHOST_MODEL_SEEDS=250 PROMHOST_MODEL_OPERATIONS=600 tsdb Release StorageModelTests; }

# A day of churn: 200,000 series replaced every ten simulated minutes; prints the memory after every two hours.
churn() { PROMHOST_CHURN_SERIES=200000 tsdb Release HeadChurnTests --logger 'console;verbosity=detailed'; }

# A hundred heavy queries at a time on a server with 1 GiB, which needs control groups; twenty beside two hundred writers
# and syncs of 100 ms, which needs a C compiler; queries that are ended. Prints answers, memory and times, of the program
# as it is published.
storm() {
    dotnet publish -c Release src/PromHost.Server -r linux-x64 -v q -o "$published"
    export PROMHOST_PROGRAM=$published/promhost
    local tests='FullyQualifiedName~QueryStormTests|FullyQualifiedName~BesideIngestTests'
    PROMHOST_STORM_ROUNDS=5 PROMHOST_BESIDE_INGEST=1 dotnet test -c Release tests/PromHost.Interop.Tests \
        --filter "$tests|FullyQualifiedName~EndedQueriesTests" \
        --logger 'console;verbosity=detailed'
    unset PROMHOST_PROGRAM
}

[ $# -gt 0 ] || set -- interop fuzz stress crash model churn storm
for suite in "$@"; do
    case $suite in
        interop | fuzz | stress | crash | model | churn | storm) ;;
        *)
            echo "nightly.sh: there is no suite '$suite'; interop, fuzz, stress, crash, model, churn and storm are" >&2
            exit 2
            ;;
    esac
done

PROMHOST_PEERS=$(tests/install-peers.sh | tail -n 1)
export PROMHOST_PEERS PROMHOST_REQUIRE_PEERS=1
published=$(mktemp -d)
trap 'rm -rf "$published"' EXIT

for suite in "$@"; do
    echo "nightly: $suite, $(date -u +%T)"
    "$suite"
done

echo "nightly: passed: $*"
