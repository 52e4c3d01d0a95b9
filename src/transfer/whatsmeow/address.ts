/** Which device of whom, without saying under which of its names it is stored. */
export interface Address {
  /** The user part of a JID. */
  user: string
  /** What kind of user part it is; the library has the same numbers. */
  domain: number
  device: number
}

const PHONE = 0
const LID = 1
const HOSTED = 128
const HOSTED_LID = 129

const FORM = /^([^\s:._@]{1,64})(?:_(\d{1,3}))?:(\d{1,10})$/
const LIBRARY_FORM = /^([^\s:._@]{1,64})(?:_(\d{1,3}))?\.(\d{1,10})$/
const DOMAINS = new Set([PHONE, LID, HOSTED, HOSTED_LID])

/** An address as whatsmeow stores it (`user[_domain]:device`); undefined for everything else. */
export function readAddress(text: string): Address | undefined {
  return addressIn(FORM.exec(text))
}

/** An address as the library stores sessions under it (`user[_domain].device`); undefined for everything else. */
export function readLibraryAddress(text: string): Address | undefined {
  return addressIn(LIBRARY_FORM.exec(text))
}

function addressIn(parts: RegExpExecArray | null): Address | undefined {
  if (!parts) return undefined
  const [, user = '', domain = '0', device = ''] = parts
  const address = { user, domain: Number(domain), device: Number(device) }
  return DOMAINS.has(address.domain) ? address : undefined
}

/** As whatsmeow stores it. */
export function whatsmeowAddress(address: Address): string {
  return `${nameOf(address)}:${address.device}`
}

/** As the library stores it. */
export function libraryAddress(address: Address): string {
  return `${nameOf(address)}.${address.device}`
}

/** The name of a sender key of the library. */
export function senderKeyName(group: string, address: Address): string {
  return `${group}::${nameOf(address)}::${address.device}`
}

/** The group and the sender in the name of a sender key of the library; undefined for everything else. */
export function readSenderKeyName(name: string): { group: string; sender: Address } | undefined {
  const [group = '', user = '', device = '', ...rest] = name.split('::')
  const sender = rest.length === 0 ? readAddress(`${user}:${device}`) : undefined
  return sender && { group, sender }
}

/** Whether the user part is a phone number. */
export function isPhone({ domain }: Address): boolean {
  return domain === PHONE || domain === HOSTED
}

/** The address of the same device under the LID of a number. */
export function underLid({ domain, device }: Address, lid: string): Address {
  return { user: lid, domain: domain === HOSTED ? HOSTED_LID : LID, device }
}

/** The address of the same device under the number of a LID. */
export function underPhone({ domain, device }: Address, phone: string): Address {
  return { user: phone, domain: domain === HOSTED_LID ? HOSTED : PHONE, device }
}

/** The address of a device by its JID (`user[:device]@server`). */
export function addressOfJid(jid: string): Address | undefined {
  const [name = '', server = ''] = jid.split('@')
  const domain = { 's.whatsapp.net': PHONE, lid: LID, hosted: HOSTED, 'hosted.lid': HOSTED_LID }[server]
  const [user = '', device = '0'] = name.split(':')
  return domain === undefined ? undefined : addressIn(FORM.exec(`${user}${suffix(domain)}:${device}`))
}

function nameOf({ user, domain }: Address): string {
  return `${user}${suffix(domain)}`
}

function suffix(domain: number): string {
  return domain === PHONE ? '' : `_${domain}`
}
