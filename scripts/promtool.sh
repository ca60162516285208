#!/bin/sh
# promtool.sh DIRECTORY: puts Prometheus' own checker there for the tests of the metrics and the alert rules, out of Debian's
# package, without installing its service. Never fails: without it those tests say so and are skipped.
set -u
directory=$1
[ -x "$directory/promtool" ] && exit 0
command -v promtool >/dev/null 2>&1 && exit 0
command -v apt-get >/dev/null 2>&1 && command -v dpkg-deb >/dev/null 2>&1 || exit 0

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
target=$(cd "$directory" && pwd) || exit 0
cd "$work" || exit 0
fetch() { timeout 120 apt-get download -qq prometheus >"$work/said" 2>&1; }
if ! fetch && [ "$(id -u)" -eq 0 ]; then
    timeout 120 apt-get update -qq >"$work/said" 2>&1
    fetch
fi
for package in prometheus_*.deb; do
    [ -f "$package" ] || exit 0
    dpkg-deb --fsys-tarfile "$package" | tar -x -O ./usr/bin/promtool >promtool 2>/dev/null && [ -s promtool ] || exit 0
    chmod 755 promtool && mv promtool "$target/promtool"
done
exit 0
