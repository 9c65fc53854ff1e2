#!/usr/bin/env bash
# Makes a root file system with a newer OpenSSL than the machine's, for the load tool's --root:
#   bench/openssl-root.sh DIR [SUITE]        SUITE is a Debian release, trixie (OpenSSL 3.5) unless said otherwise
# Packages come from the mirror apt uses for Debian here. Root; some 200 MB; DIR is left as it is if it is complete already.
set -euo pipefail
if [ $# -lt 1 ] || [ $# -gt 2 ]; then
    sed -n '2,4s/^# //p' "$0" >&2
    exit 2
fi

root=$1
suite=${2:-trixie}

say_version() { # in the root itself: its loader, its libraries
    chroot "$root" openssl version
}

if [ -x "$root/usr/bin/openssl" ]; then
    say_version
    exit 0
fi

# The first repository named like Debian's own archive, without the security one: its suites are not whole releases.
mirror=$(apt-get indextargets --format '$(REPO_URI) $(ORIGIN)' 'Created-By: Packages' |
    awk '$2 == "Debian" && $1 !~ /security/ { print $1; exit }')
if [ -z "$mirror" ]; then
    echo "apt knows no mirror of Debian: run apt-get update, or add one to its sources" >&2
    exit 1
fi

if ! command -v debootstrap >/dev/null && [ ! -x /usr/sbin/debootstrap ]; then
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends debootstrap >/dev/null
fi

echo "$suite from $mirror"
PATH=$PATH:/usr/sbin debootstrap --variant=minbase --include=openssl "$suite" "$root" "$mirror" >"$root.log" 2>&1 || {
    tail -n 20 "$root.log" >&2
    exit 1
}
rm -f "$root.log"
rm -rf "${root:?}"/var/cache/apt/archives/*.deb
say_version
