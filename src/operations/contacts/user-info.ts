import type { VerifiedName } from '../../events/event-parts.ts'
import { isLidJid, isPhoneJid } from '../../lib/jid.ts'
import { readVerifiedName } from '../../whatsapp/inbound/parse/verified-name.ts'
import { type BinaryNode, jidDecode, jidEncode, jidNormalizedUser } from '../../whatsapp/library/engine.ts'
import type { LiveSession } from '../../whatsapp/session/session.ts'
import { child, children, textOf } from '../../whatsapp/wire/node.ts'
import { element } from '../ask.ts'
import { usyncQuery, usyncUsers } from './usync.ts'

/** What a person shows of itself. */
export interface UserInfo {
  jid: string
  /** '' when WhatsApp names none. */
  lid: string
  /** The "about" text, '' when hidden. */
  about: string
  pictureId: string
  verifiedName: VerifiedName | null
  /** JIDs of all devices, the phone without a device part; null when WhatsApp says nothing about them. */
  devices: string[] | null
}

const PROTOCOLS = [
  element('business', {}, [element('verified_name')]),
  element('status'),
  element('picture'),
  element('devices', { version: '2' }),
  element('lid'),
]

// WhatsApp answers large look-ups slowly or not at all; its own clients ask in portions too.
const USERS_PER_QUERY = 100

/** Looks people up by JID, in WhatsApp's order, and keeps the LIDs that it tells. */
export async function userInfo(session: LiveSession, jids: string[]): Promise<UserInfo[]> {
  const wanted = [...new Set(jids)]
  const found: UserInfo[] = []
  for (let first = 0; first < wanted.length; first += USERS_PER_QUERY) {
    const users = wanted.slice(first, first + USERS_PER_QUERY).map((jid) => element('user', { jid }))
    const lookUp = usyncQuery({ mode: 'full', context: 'background', protocols: PROTOCOLS, users })
    found.push(...usyncUsers(await session.call((socket) => socket.query(lookUp))).flatMap(describe))
  }
  await keepLids(session, found)
  return found
}

/** Of somebody asked for by LID the answer may repeat that LID, which is no pair. */
async function keepLids(session: LiveSession, people: UserInfo[]): Promise<void> {
  const pairs = people.flatMap(({ jid, lid }) => (isPhoneJid(jid) && isLidJid(lid) ? [{ pn: jid, lid }] : []))
  if (pairs.length === 0) return
  await session.call(({ signalRepository }) => signalRepository.lidMapping.storeLIDPNMappings(pairs))
}

/** JIDs of all devices of these people, `user:device@server`; nothing for whoever is not on WhatsApp. */
export async function userDevices(session: LiveSession, jids: string[]): Promise<string[]> {
  return (await userInfo(session, jids)).flatMap(({ devices }) => devices ?? [])
}

/** What a person says about itself; undefined when it is hidden from us, or the person is not on WhatsApp. */
export async function aboutOf(session: LiveSession, jid: string): Promise<string | undefined> {
  const [person] = await userInfo(session, [jid])
  return person?.about || undefined
}

function describe(user: BinaryNode): UserInfo[] {
  const { jid } = user.attrs
  if (!jid) return []
  return [
    {
      jid: jidNormalizedUser(jid),
      lid: child(user, 'lid')?.attrs.val ?? '',
      about: textOf(child(user, 'status')),
      pictureId: child(user, 'picture')?.attrs.id ?? '',
      verifiedName: readVerifiedName(child(user, 'business')),
      devices: devicesOf(jid, child(user, 'devices')),
    },
  ]
}

function devicesOf(jid: string, devices: BinaryNode | undefined): string[] | null {
  const list = child(devices, 'device-list')
  const address = jidDecode(jid)
  if (!list || !address) return null
  return children(list)
    .filter(({ tag, attrs }) => tag === 'device' && /^\d+$/.test(attrs.id ?? ''))
    .map(({ attrs }) => jidEncode(address.user, address.server, Number(attrs.id) || undefined))
}
