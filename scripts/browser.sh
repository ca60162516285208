#!/bin/sh
# browser.sh REASON: sees to it that there is a Chromium for the browser tests. Installs Debian's package where this
# may be done (apt-get, as root); elsewhere writes into the file REASON why there is none, and the tests say so. Never fails.
set -u
reason=$1
rm -f "$reason"

for name in "${SCRAPER_TEST_BROWSER:-}" chromium chromium-browser google-chrome; do
    if [ -n "$name" ] && command -v "$name" >/dev/null 2>&1; then
        exit 0
    fi
done

give_up() {
    echo "browser: $1; the browser tests will be skipped" >&2
    echo "$1" >"$reason"
    exit 0
}

command -v apt-get >/dev/null 2>&1 || give_up "there is no Chromium, and no apt-get to install it with"
[ "$(id -u)" -eq 0 ] || give_up "there is no Chromium; as root: apt-get install chromium"

echo "browser: installing Chromium for the browser tests" >&2
export DEBIAN_FRONTEND=noninteractive
said=$(mktemp)
trap 'rm -f "$said"' EXIT
if timeout 120 apt-get update -qq >"$said" 2>&1 &&
    timeout 420 apt-get install -qq -y --no-install-recommends chromium >"$said" 2>&1 &&
    command -v chromium >/dev/null 2>&1; then
    exit 0
fi
tail -n 5 "$said" >&2
give_up "Chromium could not be installed by apt-get"
