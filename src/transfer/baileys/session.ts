import { PRIVATE_BYTES, PUBLIC_BYTES } from '../signal/curve-keys.ts'
import { UnreadableRow } from '../signal/go-json.ts'
import type { LibraryRecord } from '../signal/library-session.ts'
import { bytesIn, type Members, membersOf, numberIn } from './json.ts'

const UINT32_MAX = 0xffff_ffff

/**
 * A session as the library has written it, once what it reads without looking is known to be there: one that is damaged
 * would stop every message from that device. Throws UnreadableRow.
 */
export function checkedSession(written: unknown): LibraryRecord {
  const record = membersOf(written, 'it')
  if (record.version !== 'v1') throw new UnreadableRow('it is not in the format of the last years (v1)')
  const sessions = Object.values(membersOf(record._sessions, 'its list of sessions'))
  if (sessions.length === 0) throw new UnreadableRow('it holds no session')
  for (const session of sessions) checkSession(membersOf(session, 'one of its sessions'))
  // Every member that the type names has been looked at.
  return written as LibraryRecord
}

function checkSession(session: Members): void {
  numberIn(session.registrationId, 'the registration id', UINT32_MAX)
  const ratchet = membersOf(session.currentRatchet, 'its ratchet')
  const pair = membersOf(ratchet.ephemeralKeyPair, 'its ratchet')
  bytesIn(pair.pubKey, 'its ratchet', PUBLIC_BYTES)
  bytesIn(pair.privKey, 'its ratchet', PRIVATE_BYTES)
  bytesIn(ratchet.lastRemoteEphemeralKey, 'its ratchet', PUBLIC_BYTES)
  bytesIn(ratchet.rootKey, 'its root key', PRIVATE_BYTES)
  if (!Number.isSafeInteger(ratchet.previousCounter))
    throw new UnreadableRow('a counter is not there or damaged')
  const about = membersOf(session.indexInfo, 'its description')
  bytesIn(about.baseKey, 'its base key', PUBLIC_BYTES)
  bytesIn(about.remoteIdentityKey, 'the identity of the other side', PUBLIC_BYTES)
  if (![about.baseKeyType, about.closed, about.used, about.created].every(Number.isSafeInteger))
    throw new UnreadableRow('its description is not there or damaged')
  for (const chain of Object.values(membersOf(session._chains, 'its chains'))) checkChain(chain)
  if (session.pendingPreKey !== undefined) {
    const pending = membersOf(session.pendingPreKey, 'its first message')
    bytesIn(pending.baseKey, 'its first message', PUBLIC_BYTES)
    numberIn(pending.signedKeyId, 'its first message', UINT32_MAX)
  }
}

function checkChain(written: unknown): void {
  const chain = membersOf(written, 'one of its chains')
  const { counter, key } = membersOf(chain.chainKey, 'one of its chains')
  if (!Number.isSafeInteger(counter) || ![1, 2].includes(Number(chain.chainType)))
    throw new UnreadableRow('one of its chains is not there or damaged')
  if (key !== undefined && key !== null) bytesIn(key, 'one of its chains', PRIVATE_BYTES)
  for (const seed of Object.values(membersOf(chain.messageKeys, 'one of its chains')))
    bytesIn(seed, 'one of its message keys')
}
