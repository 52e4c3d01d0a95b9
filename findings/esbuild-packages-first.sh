#!/bin/sh
# esbuild 0.28.2: a module that is imported before a package, because it has to run before it, runs after it in a bundle with
# `packages: 'external'`. Each module keeps its place, and `import` statements of packages stay where they were written; but the
# modules have become plain statements of one file, and a file's imports run before all its statements. One would expect the
# order of the sources, which esbuild keeps when the package is bundled as well, or a warning. There is none.
#
# Output seen, with Node 20.20.2:
#   sources: first, package, program
#   bundle with the package: first, package, program
#   bundle without the package: package, first, program
#
# Ends with 0 while that is so, and with another status when it changes.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund esbuild@0.28.2
mkdir node_modules/some-package
echo '{"name":"some-package","version":"1.0.0","type":"module","exports":"./index.js"}' >node_modules/some-package/package.json
echo "(globalThis.ran ??= []).push('package')" >node_modules/some-package/index.js
echo "(globalThis.ran ??= []).push('first')" >first.mjs
cat >program.mjs <<'PROGRAM'
import './first.mjs'
import 'some-package'
console.log([...globalThis.ran, 'program'].join(', '))
PROGRAM
bundle() { npx esbuild program.mjs --bundle --platform=node --format=esm --log-level=warning --outfile="$1" $2; }
bundle whole.mjs ''
bundle joined.mjs --packages=external
sources=$(node program.mjs)
whole=$(node whole.mjs)
joined=$(node joined.mjs)
echo "sources: $sources"
echo "bundle with the package: $whole"
echo "bundle without the package: $joined"
[ "$sources" = 'first, package, program' ] && [ "$whole" = "$sources" ] && [ "$joined" = 'package, first, program' ]
