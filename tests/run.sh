#!/usr/bin/env bash
# Runs the test projects given, one after the other, and sums up what their result files say.
# A project that leaves no result file (does not build, crashes) counts as one failure.
set -uo pipefail
cd "$(dirname "$0")/.."
results=out/test-results
rm -rf "$results"
mkdir -p "$results"

count() { # count FILE NAME: the number in NAME="…" of the file's <Counters>
    sed -n "s/.*<Counters [^>]*\\b$2=\"\\([0-9]*\\)\".*/\\1/p" "$1" | head -n 1
}

passed=0
failed=0
skipped=0
for project in "$@"; do
    name=$(basename "$project")
    echo "== $name"
    dotnet test "$project" -c Release -v q --nologo --results-directory "$results" \
        --logger "trx;LogFileName=$name.trx" --logger "console;verbosity=minimal" ${TEST_FILTER:+--filter "$TEST_FILTER"}
    code=$?
    file="$results/$name.trx"
    if [ ! -f "$file" ] || [ -z "$(count "$file" total)" ]; then
        echo "$name left no results (exit code $code)"
        failed=$((failed + 1))
        continue
    fi

    bad=$(($(count "$file" failed) + $(count "$file" error) + $(count "$file" timeout) + $(count "$file" aborted)))
    if [ "$code" -ne 0 ] && [ "$bad" -eq 0 ]; then
        echo "$name ended with exit code $code"
        bad=1
    fi

    passed=$((passed + $(count "$file" passed)))
    failed=$((failed + bad))
    skipped=$((skipped + $(count "$file" total) - $(count "$file" executed)))
done

[ "$skipped" -eq 0 ] || echo "$skipped skipped (each says why in its result)"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
