#!/bin/sh
# Types, lint and unit tests of the page's source, where Node is there: tools/page-checks.sh
set -eu
cd "$(dirname "$0")/../web"
if ! command -v npm >/dev/null 2>&1; then
    echo "notice: no Node (20.19 or newer); the checks of web/ are left out"
    exit 0
fi
[ -d node_modules ] || npm ci --no-audit --no-fund >/dev/null
npm run --silent check
npm test --silent
