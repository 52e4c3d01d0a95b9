import { GroupCipher, type SenderKeyState } from '@whiskeysockets/baileys/lib/Signal/Group/index.js'

/** The parts of the cipher that its types call private. */
interface Cipher {
  encrypt(padded: Uint8Array): Promise<Uint8Array>
  getSenderKey(state: SenderKeyState, iteration: number): unknown
}

// A class whose type hides one of these methods.
const prototype = GroupCipher.prototype as unknown as Cipher
const { encrypt, getSenderKey } = prototype

/** Takes the key the chain stands at, whichever was asked for. */
function takeNextKey(this: Cipher, state: SenderKeyState): unknown {
  return getSenderKey.call(this, state, state.getSenderChainKey().getIteration())
}

// The library takes two steps of its chain for each message to a group and keeps the key it left out. Receivers follow a
// chain for 2,000 steps: they could miss half as many messages as they should, and the row grew with each one sent. The key
// a chain stands at was never used, hence chains of former releases go on from there.
prototype.encrypt = function (padded) {
  return encrypt.call(Object.assign(Object.create(this), { getSenderKey: takeNextKey }), padded)
}
