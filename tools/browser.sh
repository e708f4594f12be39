#!/bin/sh
# A browser for the tests: Debian's chromium, installed where that is possible, else those tests skip.
set -u
present() { command -v chromium >/dev/null 2>&1; }

present && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "set-up: chromium (system package, for the tests of the page)"
    install() { DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium; }
    { install || { apt-get update -qq && install; }; } >/dev/null 2>&1
    present && exit 0
fi
echo "notice: no chromium (Debian: apt-get install chromium); the tests of the page in a browser are skipped"
