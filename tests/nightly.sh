#!/usr/bin/env bash
# The long suites: run before a release and every night. Needs tests/install-peers.sh's programs.
set -euo pipefail
cd "$(dirname "$0")/.."

PROMHOST_PEERS=$(tests/install-peers.sh | tail -n 1)
export PROMHOST_PEERS PROMHOST_REQUIRE_PEERS=1

# Twenty kills at random moments under load from four connections; a hundred under a mixed load, with deletions and
# compactions.
PROMHOST_KILLS=20 PROMHOST_MIXED_KILLS=100 dotnet test -c Release tests/PromHost.Interop.Tests

# Queries while the head is truncated, for longer, in a debug build, which overwrites what is freed.
PROMHOST_STRESS_STEPS=20000 dotnet test -c Debug tests/PromHost.Tsdb.Tests --filter HeadLifetimeStressTests

# A database on a simulated disk that is killed, and whose power is cut, at every change; the cuts twenty times with other
# losses.
PROMHOST_CRASH_ROUNDS=20 dotnet test -c Release tests/PromHost.Tsdb.Tests --filter "FullyQualifiedName~CrashTests"

# Random operations against a model, about ten minutes.
PROMHOST_MODEL_SEEDS=250 PROMHOST_MODEL_OPERATIONS=600 dotnet test -c Release tests/PromHost.Tsdb.Tests \
    --filter StorageModelTests

# A day of churn: 200,000 series replaced every ten simulated minutes; prints the memory after every two hours.
PROMHOST_CHURN_SERIES=200000 dotnet test -c Release tests/PromHost.Tsdb.Tests --filter HeadChurnTests \
    --logger 'console;verbosity=detailed'
