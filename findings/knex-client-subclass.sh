#!/usr/bin/env bash
# Knex 3.3.0 with sqlite3 6.0.1: a transaction has a client of its own, which is made of the prototype of the client's class
# alone (`Object.create`), without its constructor. A subclass that keeps something in a private field, or in one that its
# constructor sets, works for plain queries and fails in the first transaction: the field is not there. What a subclass has
# to remember belongs beside the settings, which the copy shares: `config` is the same object in both.
#
# The driver is compiled, which takes a few minutes. Seen:
#   plain query: 1
#   in a transaction: TypeError: Cannot read private member #marks from an object whose class did not declare it
#   same settings in both: true
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund --loglevel=error knex@3.3.0 sqlite3@6.0.1 >/dev/null

cat >subclass.cjs <<'JS'
const knex = require('knex')
const Base = require('knex/lib/dialects/sqlite3')

let inTransaction
class Marking extends Base {
  #marks = 0
  query(connection, query) {
    if (this.transacting) inTransaction = this
    this.#marks += 1
    return super.query(connection, query)
  }
}

async function main() {
  const db = knex({ client: Marking, connection: { filename: ':memory:' }, useNullAsDefault: true })
  const [{ one }] = await db.select(db.raw('1 as one'))
  console.log(`plain query: ${one}`)
  const error = await db.transaction((trx) => trx.select(trx.raw('1'))).catch((error) => error)
  console.log(`in a transaction: ${error}`)
  console.log(`same settings in both: ${inTransaction.config === db.client.config}`)
  await db.destroy()
}
main()
JS
output="$(node subclass.cjs)"
echo "$output"
grep -q '^plain query: 1$' <<<"$output"
grep -q 'TypeError: Cannot read private member' <<<"$output"
grep -q 'same settings in both: true' <<<"$output"
