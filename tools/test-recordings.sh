#!/bin/sh
# Real recordings for the tests: Debian's alsa-utils ships spoken ones. Installed where that is possible, else the tests skip.
set -u
present() { ls /usr/share/sounds/alsa/*.wav >/dev/null 2>&1; }

present && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "set-up: alsa-utils (system package, recordings for the tests)"
    install() { DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends alsa-utils; }
    { install || { apt-get update -qq && install; }; } >/dev/null 2>&1
    present && exit 0
fi
echo "notice: no recordings in /usr/share/sounds/alsa (Debian: apt-get install alsa-utils); the tests that need them are skipped"
