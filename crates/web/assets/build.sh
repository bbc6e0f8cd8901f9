#!/bin/sh
# Compiles corridor.css from scss/. Needed only when a style changes: the result is committed, so that building
# Corridor takes neither npm nor a network.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --ignore-scripts govuk-frontend@6.6.0 sass@1.108.2
npx --no-install sass --no-source-map --style=compressed --quiet-deps --load-path=node_modules/govuk-frontend/dist \
    "$here/scss/corridor.scss" "$work/corridor.css"
# The font, crest and crown may be used on GOV.UK only: refuse a build that names them.
if grep -q -i -e 'GDS Transport' -e '@font-face' -e 'crest' -e 'crown' -e 'url(' "$work/corridor.css"; then
    echo 'the compiled style names a restricted asset' >&2
    exit 1
fi
{
    echo '/*! Contains GOV.UK Frontend 6.6.0, MIT licence: see LICENSE-govuk-frontend.txt */'
    cat "$work/corridor.css"
} >"$here/corridor.css"
wc -c "$here/corridor.css"
