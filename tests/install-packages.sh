#!/usr/bin/env bash
# Installs what the node tests and the demo call, where it is missing (Debian and Ubuntu).
set -euo pipefail

declare -A package_of=(
    [ip]=iproute2 [iptables-restore]=iptables [ip6tables-restore]=iptables [nsenter]=util-linux [prlimit]=util-linux [pgrep]=procps [curl]=curl
    [iperf3]=iperf3 [tcpdump]=tcpdump [promtool]=prometheus [prometheus]=prometheus [clang]=clang
    [dig]=bind9-dnsutils [unshare]=util-linux
)
missing=()
for tool in "${!package_of[@]}"; do
    command -v "$tool" >/dev/null || [ -x "/usr/sbin/$tool" ] || missing+=("${package_of[$tool]}")
done
/usr/bin/python3 -c 'import h2' 2>/dev/null || missing+=(python3-h2)
[ -e /usr/include/zlib.h ] || missing+=(zlib1g-dev)
[ ${#missing[@]} -eq 0 ] && exit 0

mapfile -t packages < <(printf '%s\n' "${missing[@]}" | sort -u)
echo "installing ${packages[*]}"
if [ "$(id -u)" -ne 0 ]; then
    echo "root is needed to install: ${packages[*]}" >&2
    exit 1
fi

export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# No service that a package starts on its own: the tests bring their own Prometheus up in a namespace.
if [ ! -e /usr/sbin/policy-rc.d ]; then
    printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
    chmod +x /usr/sbin/policy-rc.d
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
fi

apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
