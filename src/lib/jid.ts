/** The parts of `user.agent:device@server`; everything but the server is kept as text. */
interface Address {
  user: string
  device: string
  server: string
}

function parse(jid: string): Address {
  const at = jid.lastIndexOf('@')
  if (at < 0) return { user: '', device: '', server: jid }
  const [user = '', device = ''] = jid.slice(0, at).split(':')
  return { user, device: device === '0' ? '' : device, server: jid.slice(at + 1) }
}

function format({ user, device, server }: Address): string {
  return user ? `${user}${device && `:${device}`}@${server}` : server
}

/** Where an account posts its statuses, and where those of others come from. */
export const STATUS_JID = 'status@broadcast'

/** The server of a JID: `g.us`, `lid`, ...; '' for ''. */
export function serverOf(jid: string): string {
  return jid ? parse(jid).server : ''
}

/** `user:0@server` -> `user@server`: the phone itself is written without a device. */
export function canonical(jid: string | undefined): string {
  return jid ? format(parse(jid)) : ''
}

/** `user:device@server` -> `user@server`. */
export function bare(jid: string | undefined): string {
  return jid ? format({ ...parse(jid), device: '' }) : ''
}

/** True when both are devices of one person on one server; two empty JIDs are nobody. */
export function sameUser(a: string, b: string): boolean {
  return Boolean(a && b) && bare(a) === bare(b)
}

/** True for the account's own devices, in either identity, the one of its business in the cloud included. */
export function isMe(jid: string, me: { pn: string; lid: string }): boolean {
  const person = unhosted(jid)
  return sameUser(person, me.pn) || sameUser(person, me.lid)
}

/** `jid` with the device of `other`, unless it names a device itself. */
export function onSameDevice(jid: string, other: string): string {
  const address = parse(jid)
  return jid && !address.device ? format({ ...address, device: parse(other).device }) : canonical(jid)
}

/** `hosted` and `hosted.lid` are the companions of business accounts in the cloud: people on the ordinary servers. */
export function unhosted(jid: string): string {
  const address = parse(jid)
  if (address.server === 'hosted') return format({ ...address, server: 's.whatsapp.net' })
  if (address.server === 'hosted.lid') return format({ ...address, server: 'lid' })
  return canonical(jid)
}

/** Whether a JID names a group or a community. */
export function isGroupJid(jid: string | undefined): boolean {
  return serverIs(jid, 'g.us')
}

/** Whether a JID names a person by its LID, the identity that says nothing about its number. */
export function isLidJid(jid: string | undefined): boolean {
  return serverIs(jid, 'lid')
}

/** Whether a JID names a person by its phone number. */
export function isPhoneJid(jid: string | undefined): boolean {
  return serverIs(jid, 's.whatsapp.net')
}

/** Whether a JID names a person, by number or LID. */
export function isPersonJid(jid: string | undefined): boolean {
  return isPhoneJid(jid) || isLidJid(jid)
}

/** Whether a JID names a channel, which the wire calls a newsletter. */
export function isChannelJid(jid: string | undefined): boolean {
  return serverIs(jid, 'newsletter')
}

/** Whether a JID names a broadcast list or the statuses. */
export function isBroadcastJid(jid: string | undefined): boolean {
  return serverIs(jid, 'broadcast')
}

/** Whether a chat may have more than two people: in it a receipt names who it comes from. */
export function isSharedJid(jid: string): boolean {
  return isGroupJid(jid) || isBroadcastJid(jid) || isChannelJid(jid)
}

function serverIs(jid: string | undefined, server: string): boolean {
  return jid?.endsWith(`@${server}`) ?? false
}
