/** What decides where the file of a message is put. */
export interface FiledMessage {
  userId: string
  messageId: string
  /** Unix seconds of the message. */
  timestamp: number
  fromMe: boolean
  /** JID of the group, or of the sender with its device. */
  contact: string
  /** As the sender declared it. */
  mimeType: string
}

/** In this order: the first part that occurs in a type decides. */
const ENDINGS: [part: string, ending: string][] = [
  ['jpeg', '.jpg'],
  ['jpg', '.jpg'],
  ['png', '.png'],
  ['gif', '.gif'],
  ['webp', '.webp'],
  ['mp4', '.mp4'],
  ['webm', '.webm'],
  ['ogg', '.ogg'],
  ['opus', '.opus'],
  ['pdf', '.pdf'],
  ['spreadsheetml', '.xlsx'],
  ['excel', '.xls'],
  ['docx', '.docx'],
  ['doc', '.doc'],
]

const FOLDERS: [prefix: string, folder: string][] = [
  ['image/', 'images'],
  ['video/', 'videos'],
  ['audio/', 'audio'],
]

/** Everything a user's files begin with. */
export function userPrefix(userId: string): string {
  return `users/${userId}/`
}

/**
 * `users/<user>/<inbox|outbox>/<contact>/<year>/<month>/<day>/<folder>/<message id><ending>`, the date in `timeZone`.
 * The same message always has the same key, so that a file that is put again replaces itself.
 */
export function objectKey(message: FiledMessage, timeZone: string): string {
  const { userId, messageId, fromMe, contact, mimeType } = message
  const direction = fromMe ? 'outbox' : 'inbox'
  const folder = FOLDERS.find(([prefix]) => mimeType.startsWith(prefix))?.[1] ?? 'documents'
  const ending = ENDINGS.find(([part]) => mimeType.includes(part))?.[1] ?? '.bin'
  const date = datePath(message.timestamp, timeZone)
  return `${userPrefix(userId)}${direction}/${safe(contact)}/${date}/${folder}/${safe(messageId)}${ending}`
}

/** Contacts choose the ids of their messages: nothing in one may lead to another folder. */
function safe(segment: string): string {
  return segment.replace(/[^\w.-]/g, '_').replace(/^\.+$/, '_')
}

function datePath(unixSeconds: number, timeZone: string): string {
  // This locale writes `2025-08-07`.
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone: timeZone || 'UTC',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  })
  return format.format(unixSeconds * 1000).replaceAll('-', '/')
}
