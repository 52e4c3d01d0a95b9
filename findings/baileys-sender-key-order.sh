#!/bin/sh
# Baileys 7.0.0-rc14: the states of a group's sender key stand oldest first, and the last one is in use. Signal's own
# libraries, and whatsmeow's port in Go, keep them newest first and use the first one. The stored forms look alike (a list of
# states, each with id, chain key and signing key), so a converter that keeps the order makes everybody else's next message
# undecryptable at a sender that has changed its key: what is written here uses the retired one.
#
# Output seen, with Node 20.20.2:
#   stored oldest first [1,2]: in use is 2
#   stored newest first [2,1]: in use is 1
#
# Ends with 0 while that is so, and with another status when it changes.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @whiskeysockets/baileys@7.0.0-rc14
cat >try.mjs <<'PROGRAM'
import { randomBytes } from 'node:crypto'
import { SenderKeyRecord } from './node_modules/@whiskeysockets/baileys/lib/Signal/Group/sender-key-record.js'
import { generateSenderSigningKey } from './node_modules/@whiskeysockets/baileys/lib/Signal/Group/keyhelper.js'

const [first, second] = [1, 2].map((id) => {
  const record = new SenderKeyRecord()
  record.setSenderKeyState(id, 0, randomBytes(32), generateSenderSigningKey())
  return record.serialize()[0]
})
const inUse = (states) => SenderKeyRecord.deserialize(Buffer.from(JSON.stringify(states))).getSenderKeyState().getKeyId()
const results = [inUse([first, second]), inUse([second, first])]
console.log(`stored oldest first [1,2]: in use is ${results[0]}`)
console.log(`stored newest first [2,1]: in use is ${results[1]}`)
process.exit(results.join() === '2,1' ? 0 : 1)
PROGRAM
node try.mjs
