import { randomBytes } from 'node:crypto'
import { proto, unpadRandomMax16, type WASocket } from '../library/engine.ts'
import type { Ciphertext } from './read-steps.ts'
import type { SealedKey } from './steps.ts'

const CALL_KEY_BYTES = 32

/** The key of a new call, from which both ends derive what they encrypt with. */
export function newCallKey(): Buffer {
  return randomBytes(CALL_KEY_BYTES)
}

/** 32 hexadecimal digits, the first two of which are zero, as WhatsApp Web's client makes them. */
export function newCallId(): string {
  return `00${randomBytes(15).toString('hex')}`.toUpperCase()
}

/** A call key encrypted for each device, by its JID. `opensSession`: one of the devices has to be shown who we are. */
export async function sealCallKey(
  socket: WASocket,
  devices: string[],
  callKey: Uint8Array,
): Promise<{ keys: SealedKey[]; opensSession: boolean }> {
  const { nodes, shouldIncludeDeviceIdentity } = await socket.createParticipantNodes(
    devices,
    { call: { callKey } },
    { count: '0' },
  )
  return { keys: nodes, opensSession: shouldIncludeDeviceIdentity }
}

/**
 * Decrypts the key of an offer. The ratchet moves with it: this is done once, in the lock of the address, and the message
 * store does not see it.
 * @throws Error when the ciphertext does not fit, or there is no key of 32 bytes in it.
 */
export async function openCallKey(
  socket: WASocket,
  from: string,
  { type, bytes }: Ciphertext,
): Promise<Buffer> {
  const padded = await socket.signalRepository.decryptMessage({ jid: from, type, ciphertext: bytes })
  const { call } = proto.Message.decode(unpadRandomMax16(padded))
  if (call?.callKey?.length !== CALL_KEY_BYTES) throw new Error('an offer without a call key')
  return Buffer.from(call.callKey)
}
