#!/bin/sh
# libsignal 6.0.0 (the port for Node that Baileys uses) keeps the receiving chain of every turn of a conversation: each time the
# other side answers, the stored session grows by a ratchet key and an empty list, although nothing can arrive on a chain that
# has been closed and has no message keys left. Signal's own libraries keep the five newest. After two hundred questions and
# answers a session is some twenty thousand characters long, and all of it is parsed and written again with each message.
#
# Output seen, with Node 20.20.2:
#   after 1 turn: 1 receiving chains
#   after 200 turns: 200 receiving chains, the session is more than 8 times as long
#
# Ends with 0 while that is so, and with another status when it changes.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts libsignal@6.0.0
cat >try.cjs <<'PROGRAM'
const { SessionBuilder, SessionCipher, SessionRecord, ProtocolAddress, keyhelper } = require('libsignal')

function person() {
  const identity = keyhelper.generateIdentityKeyPair()
  const registrationId = keyhelper.generateRegistrationId()
  const signedPreKey = keyhelper.generateSignedPreKey(identity, 1)
  const preKey = keyhelper.generatePreKey(1)
  let session
  const store = {
    loadSession: async () => (session ? SessionRecord.deserialize(JSON.parse(session)) : null),
    storeSession: async (_id, record) => {
      session = JSON.stringify(record.serialize())
    },
    isTrustedIdentity: () => true,
    loadPreKey: async () => preKey.keyPair,
    removePreKey: () => {},
    loadSignedPreKey: () => signedPreKey.keyPair,
    getOurRegistrationId: () => registrationId,
    getOurIdentity: () => identity,
  }
  const bundle = {
    registrationId,
    identityKey: identity.pubKey,
    signedPreKey: { keyId: 1, publicKey: signedPreKey.keyPair.pubKey, signature: signedPreKey.signature },
    preKey: { keyId: 1, publicKey: preKey.keyPair.pubKey },
  }
  return { store, bundle, stored: () => session }
}

async function talk() {
  const [anna, bert] = [person(), person()]
  const toBert = new ProtocolAddress('bert', 0)
  const toAnna = new ProtocolAddress('anna', 0)
  await new SessionBuilder(anna.store, toBert).initOutgoing(bert.bundle)
  const send = async (from, to, address, back) => {
    const { type, body } = await new SessionCipher(from.store, address).encrypt(Buffer.from('text'))
    const cipher = new SessionCipher(to.store, back)
    const bytes = Buffer.isBuffer(body) ? body : Buffer.from(body, 'binary')
    await (type === 3 ? cipher.decryptPreKeyWhisperMessage(bytes) : cipher.decryptWhisperMessage(bytes))
  }
  const look = () => {
    const text = anna.stored()
    const [open] = Object.values(JSON.parse(text)._sessions)
    const chains = Object.values(open._chains).filter(({ chainType }) => chainType === 2)
    return { chains: chains.length, length: text.length }
  }
  const seen = []
  for (let turn = 1; turn <= 200; turn++) {
    await send(anna, bert, toBert, toAnna)
    await send(bert, anna, toAnna, toBert)
    if (turn === 1 || turn === 200) seen.push(look())
  }
  const [first, last] = seen
  const isLong = last.length > 8 * first.length
  console.log(`after 1 turn: ${first.chains} receiving chains`)
  console.log(`after 200 turns: ${last.chains} receiving chains, the session is ${isLong ? 'more than 8 times as long' : 'no longer'}`)
  process.exit(first.chains === 1 && last.chains === 200 && isLong ? 0 : 1)
}

talk()
PROGRAM
node try.cjs
