import { SenderKeyState } from '@whiskeysockets/baileys/lib/Signal/Group/index.js'

const { removeSenderMessageKey } = SenderKeyState.prototype

// The library stores the keys of group messages that were overtaken as JSON and takes them back as what JSON makes of bytes,
// from which it can derive nothing: no message that a later one of its sender had overtaken could be read.
SenderKeyState.prototype.removeSenderMessageKey = function (iteration) {
  const key = this.getStructure().senderMessageKeys.find((one) => one.iteration === iteration)
  if (key) key.seed = Buffer.from(key.seed)
  return removeSenderMessageKey.call(this, iteration)
}
