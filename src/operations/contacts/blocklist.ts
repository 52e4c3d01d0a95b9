import { ApiError } from '../../lib/errors.ts'
import { type BinaryNode, jidDecode, jidNormalizedUser } from '../../whatsapp/library/engine.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import { withoutDevice } from '../../whatsapp/wire/jid.ts'
import { child, children } from '../../whatsapp/wire/node.ts'
import { ask, element } from '../ask.ts'
import { findPhone, namedByPhone } from './lids.ts'

/** The people an account has blocked. */
export interface Blocklist {
  /** Phone-number JIDs where they are known, else LIDs: WhatsApp's list has LIDs. */
  jids: string[]
  /** The same people as WhatsApp lists them: by LID in today's lists. */
  listed: string[]
  /** Changes with the list; '' when WhatsApp names none. */
  hash: string
}

/** The list, after `jid` was put on it or taken off. */
export interface ChangedBlocklist extends Blocklist {
  jid: string
}

/** Everybody the account has blocked. */
export async function readBlocklist(session: LiveSession): Promise<Blocklist> {
  return blocklistIn(session, await ask(session, { xmlns: 'blocklist', type: 'get' }))
}

/** Blocks a person, named by phone number or LID. */
export function block(session: LiveSession, jid: string): Promise<ChangedBlocklist> {
  return change(session, jid, 'block')
}

/** Takes a person off the list. */
export function unblock(session: LiveSession, jid: string): Promise<ChangedBlocklist> {
  return change(session, jid, 'unblock')
}

async function change(
  session: LiveSession,
  person: string,
  action: 'block' | 'unblock',
): Promise<ChangedBlocklist> {
  const phone = await phoneOf(session, person)
  // WhatsApp knows blocked people by LID; whose LID nobody knows is named by phone number alone.
  const lid = await session.call(({ signalRepository }) => signalRepository.lidMapping.getLIDForPN(phone))
  const attrs = {
    action,
    jid: withoutDevice(lid ?? phone),
    ...(lid && action === 'block' && { pn_jid: phone }),
  }
  const answer = await ask(session, { xmlns: 'blocklist', type: 'set' }, element('item', attrs))
  // An answer without the list means that it is as it was expected to be: ask for it.
  const list = child(answer, 'list') ? await blocklistIn(session, answer) : await readBlocklist(session)
  return { ...list, jid: phone }
}

async function phoneOf(session: LiveSession, person: string): Promise<string> {
  const jid = jidNormalizedUser(person)
  const server = jidDecode(jid)?.server ?? ''
  if (server === 's.whatsapp.net') return jid
  if (server !== 'lid') {
    throw new ApiError('upstream_refused', { text: `unsupported blocklist JID server "${server}"` })
  }
  const phone = await findPhone(session, jid)
  if (!phone) {
    throw new ApiError('upstream_refused', { text: `could not resolve phone-number JID for LID ${jid}` })
  }
  return phone
}

async function blocklistIn(session: LiveSession, answer: BinaryNode): Promise<Blocklist> {
  const list = child(answer, 'list')
  const items = list ? children(list) : []
  const told = items.map(({ attrs }) => attrs.pn_jid ?? attrs.jid ?? '').filter((jid) => jid !== '')
  return {
    jids: await namedByPhone(session, told),
    listed: items.map(({ attrs }) => attrs.jid ?? '').filter((jid) => jid !== ''),
    hash: list?.attrs.dhash ?? '',
  }
}
