#!/usr/bin/env bash
# What tests start and a user's machine may lack: clang for the fuzzer, Chromium for the report and its software Vulkan,
# Slurm for the cluster test. Installs nothing that is there; needs root for the rest.
set -euo pipefail

missing=()
command -v clang++ >/dev/null || missing+=(clang libclang-rt-14-dev)
command -v chromium >/dev/null || missing+=(chromium)
command -v slurmctld >/dev/null || missing+=(slurm-wlm)
command -v munged >/dev/null || missing+=(munge)
ldconfig -p | grep -q libvulkan.so.1 || missing+=(libvulkan1) # the loader of the software Vulkan
if [ ${#missing[@]} -gt 0 ]; then
  echo "installing: ${missing[*]}"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi
