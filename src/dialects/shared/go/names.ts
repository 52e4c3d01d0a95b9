import { ownMember } from '../../../lib/own-member.ts'

// Go writes these words in capitals; names in the library's schema have them in camel case.
const WHOLE_NAMES: Record<string, string> = {
  url: 'URL',
  id: 'ID',
  jid: 'JID',
  ptt: 'PTT',
  hmac: 'HMAC',
  fbid: 'FBID',
  iv: 'IV',
  jpegThumbnail: 'JPEGThumbnail',
  // The one field of the schemas that is named differently without a rule.
  faviconMMSMetadata: 'faviconMmsMetadata',
  oldestMessageTimestamp: 'oldestMessageTimestampInWindow',
}
const WORDS = /(?<=[a-z0-9])(Ids|Id|Jids|Jid|Url|Sha256|Iv|Ms|Ts|Mac|Json|Cdn|Jpeg)(?=[A-Z]|$)/g

const known = new Map<string, string>()

/** The name Go gives a protobuf field: `fileSha256` -> `fileSHA256`, `stanzaId` -> `stanzaID`. */
export function goName(field: string): string {
  let name = known.get(field)
  if (name === undefined) {
    name = ownMember(WHOLE_NAMES, field) ?? field.replace(WORDS, capitals)
    // Field names come from the schema, never from a message, so this table is bounded.
    known.set(field, name)
  }
  return name
}

/** The name of a oneof or of a member of one: Go prints the name of the struct field, which begins with a capital. */
export function goFieldName(field: string): string {
  const name = goName(field)
  return name.charAt(0).toUpperCase() + name.slice(1)
}

function capitals(word: string): string {
  return word === 'Ids' || word === 'Jids' ? `${word.slice(0, -1).toUpperCase()}s` : word.toUpperCase()
}
