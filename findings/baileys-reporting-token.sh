#!/bin/sh
# Baileys 7.0.0-rc14: `relayMessage` makes the reporting token of a message from `encodeWAMessage(message)`, which has
# padding of a random length at its end. The function that picks the reported fields out of the protobuf reads the padding as
# further fields: for most lengths it gives up, so that the stanza leaves without a token, and for two lengths it takes bytes of
# the padding for a second text. Only two of sixteen lengths leave the token as it should be. One would expect a token for
# every text, and the same one for the same message, id and chat.
#
# What is called here is what the library calls, with the arguments it gives.
#
# Output seen, with Node 20.20.2:
#   without padding the token is made: true
#   padding 1: none, 2: none, 3: none, 4: none, 5: same, 6: none, 7: none, 8: other, 9: other, 10: none, 11: none, 12: none, 13: none, 14: none, 15: none, 16: same
#   of 16 lengths of padding: 2 the same, 2 another, 12 none
#
# Ends with 0 while that is so, and with another status when it changes.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @whiskeysockets/baileys@7.0.0-rc14
cat >try.mjs <<'PROGRAM'
import { encodeWAMessage, proto } from '@whiskeysockets/baileys'
import { getMessageReportingToken } from './node_modules/@whiskeysockets/baileys/lib/Utils/reporting-utils.js'

const chat = '15550001111@s.whatsapp.net'
const message = { conversation: 'hello', messageContextInfo: { messageSecret: Buffer.alloc(32, 7) } }
const key = { id: '3EB0AAAAAAAAAAAAAAAAAA', fromMe: true, remoteJid: chat }
const tokenOf = async (bytes) => {
  const node = await getMessageReportingToken(bytes, message, key)
  return node ? Buffer.from(node.content[0].content).toString('hex') : 'none'
}

const plain = Buffer.from(proto.Message.encode(message).finish())
const right = await tokenOf(plain)
console.log(`without padding the token is made: ${right !== 'none'}`)

const found = new Map()
for (let attempt = 0; attempt < 5000 && found.size < 16; attempt++) {
  const padded = encodeWAMessage(message)
  const token = await tokenOf(padded)
  found.set(padded.length - plain.length, token === right ? 'same' : token === 'none' ? 'none' : 'other')
}
const lengths = [...found].sort(([a], [b]) => a - b)
console.log(`padding ${lengths.map(([length, what]) => `${length}: ${what}`).join(', ')}`)
const count = (what) => lengths.filter(([, one]) => one === what).length
console.log(`of ${found.size} lengths of padding: ${count('same')} the same, ${count('other')} another, ${count('none')} none`)
process.exit(right !== 'none' && count('same') === 2 && count('other') === 2 && count('none') === 12 ? 0 : 1)
PROGRAM
node try.mjs
