#!/bin/sh
# openapi-typescript 7.13.0: what a client must send depends on where the schema of a request's body is written. A member that is
# optional and has a `default` stays optional where the schema stands in the request itself. Where the same schema has a name
# (`#/components/schemas/...`), the member loses its question mark, and a client that leaves it out no longer compiles. One would
# expect a reference to mean what it refers to. `--default-non-nullable false` brings the question mark back, for answers as
# well. @hey-api/openapi-ts 0.99.0 keeps the member optional in both.
#
# Output seen, with Node 20.20.2:
#   written in the request: note?: string;
#   by reference: note: string;
#   by reference, --default-non-nullable false: note?: string;
#   @hey-api/openapi-ts, by reference: note?: string;
#
# Ends with 0 while that is so, and with another status when it changes.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund openapi-typescript@7.13.0 @hey-api/openapi-ts@0.99.0 typescript@5.9.3
SCHEMA='{ "type": "object", "properties": { "note": { "type": "string", "default": "empty" } } }'
# The document with a request whose body is $1, and with what is in `components`.
document() {
  cat <<DOCUMENT
{
  "openapi": "3.1.0",
  "info": { "title": "notes", "version": "1" },
  "paths": {
    "/notes": {
      "post": {
        "operationId": "addNote",
        "requestBody": { "content": { "application/json": { "schema": $1 } } },
        "responses": { "204": { "description": "done" } }
      }
    }
  },
  "components": { "schemas": { $2 } }
}
DOCUMENT
}
document "$SCHEMA" '' >inline.json
document '{ "$ref": "#/components/schemas/Note" }' "\"Note\": $SCHEMA" >named.json
npx openapi-typescript inline.json -o inline.ts >/dev/null 2>&1
npx openapi-typescript named.json -o named.ts >/dev/null 2>&1
npx openapi-typescript named.json --default-non-nullable false -o optional.ts >/dev/null 2>&1
npx openapi-ts -i named.json -o sdk --silent >/dev/null 2>&1
member() { grep -oE 'note\??: string;' "$1"; }
output="written in the request: $(member inline.ts)
by reference: $(member named.ts)
by reference, --default-non-nullable false: $(member optional.ts)
@hey-api/openapi-ts, by reference: $(member sdk/types.gen.ts)"
echo "$output"
[ "$output" = 'written in the request: note?: string;
by reference: note: string;
by reference, --default-non-nullable false: note?: string;
@hey-api/openapi-ts, by reference: note?: string;' ]
