import { expect } from 'vitest'
import type { Peer } from '../../src/sandbox/peer/peer.ts'
import type { ReceivedMessage } from '../../src/sandbox/peer/peer-inbox.ts'
import { proto } from '../../src/whatsapp/library/engine.ts'

/** Waits until somebody's phone has decrypted a message. */
export async function arrived(contact: Peer, id: string): Promise<ReceivedMessage> {
  await expect.poll(() => contact.messages.map((message) => message.id)).toContain(id)
  const message = contact.messages.findLast((one) => one.id === id)
  if (!message) throw new Error(`message ${id} is gone`)
  return message
}

/** Waits for a message that the phone must show; gives what is in it, bytes as base64. */
export async function shown(contact: Peer, id: string) {
  const { message, hiddenBecause } = await arrived(contact, id)
  expect(hiddenBecause).toBeUndefined()
  const decoded = proto.Message.fromObject(message)
  return proto.Message.toObject(decoded, { bytes: String, longs: Number, enums: String })
}
