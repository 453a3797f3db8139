#!/usr/bin/env bash
# Runs the C++ tests under the address and undefined-behaviour sanitizers, then each libFuzzer target for a bounded time.
#   scripts/sanitize.sh            ten minutes of fuzzing a target
#   scripts/sanitize.sh --short    half a minute, for every change
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=600
case "${1:-}" in
  '') ;;
  --short) seconds=30 ;;
  *)
    echo "sanitize: unknown option '$1'; expected --short or nothing" >&2
    exit 64
    ;;
esac

if ! command -v clang++ >/dev/null; then
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo 'sanitize: clang++ is missing; on Debian or Ubuntu: apt-get install clang libclang-rt-14-dev' >&2
    exit 69
  fi
  echo 'sanitize: installing clang'
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends clang 'libclang-rt-1[0-9]-dev' >/dev/null
fi

build=build/sanitize
cmake --preset sanitize >/dev/null
cmake --build --preset sanitize --parallel "$(nproc)" | { grep -E 'error|warning' || true; }
ctest --preset sanitize

export UBSAN_OPTIONS=print_stacktrace=1
for source in native/test/*_fuzz.cc; do
  name="$(basename "$source" .cc)"
  corpus="$build/corpus/$name"
  mkdir -p "$corpus"
  log="$build/$name.log"
  if ! "$build/$name" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 -max_len=8192 \
    -artifact_prefix="$build/$name-" -print_final_stats=1 "$corpus" >"$log" 2>&1; then
    tail -n 60 "$log"
    echo "sanitize: $name failed; the input that did it is named above" >&2
    exit 1
  fi
  echo "sanitize: $name ran $seconds s, $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs"
done
echo 'sanitize: clean'
