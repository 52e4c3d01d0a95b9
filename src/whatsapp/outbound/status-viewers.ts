import { ApiError } from '../../lib/errors.ts'
import { isLidJid, isPhoneJid } from '../../lib/jid.ts'
import { limits } from '../../lib/limits.ts'
import type { Contact } from '../../store/contacts.ts'
import { S_WHATSAPP_NET, type WASocket } from '../library/engine.ts'
import { toApiError } from '../library/faults.ts'
import { withoutDevice } from '../wire/jid.ts'
import { child, children, childrenOf } from '../wire/node.ts'

/** A choice of who sees the account's statuses. */
export interface StatusChoice {
  /** `contacts` = all of them, `blacklist` = all but those listed, `whitelist` = only those listed. */
  type: string
  /** JIDs. */
  list: string[]
  /** The choice in force; the others are kept for when they are chosen again. */
  isDefault: boolean
}

const CHOICES = ['contacts', 'blacklist', 'whitelist']
const NOT_FOUND = 404
/** People asked about at once. */
const LOOKED_UP_AT_ONCE = 500

/** Who sees the account's statuses; the choice in force comes first. Rejects as `toApiError` says. */
export async function askStatusChoices(socket: WASocket): Promise<StatusChoice[]> {
  const question = {
    tag: 'iq',
    attrs: { to: S_WHATSAPP_NET, type: 'get', xmlns: 'status' },
    content: [{ tag: 'privacy', attrs: {} }],
  }
  try {
    return childrenOf(child(await socket.query(question), 'privacy'), 'list')
      .map((list) => ({
        type: list.attrs.type ?? '',
        list: children(list).flatMap(({ attrs }) => attrs.jid ?? []),
        isDefault: list.attrs.default === 'true',
      }))
      .sort((a, b) => Number(b.isDefault) - Number(a.isDefault))
  } catch (error) {
    const fault = toApiError(error)
    const { refusal } = fault.details
    // An account that never chose has no list.
    if (refusal?.by !== 'iq' || refusal.code !== NOT_FOUND) throw fault
    return [{ type: 'contacts', list: [], isDefault: true }]
  }
}

/**
 * Whom a status post is for, by LID: whoever the choice in force lets see it, and the account's own devices. The service
 * hands a post to those it is encrypted for and looks at nothing else, so whoever is denied must not be among them. Nobody
 * without a LID is: nothing could be encrypted for them. Throws `invalid_field` for more people than a post can have, and
 * `unsupported` for a choice of a kind that is not known here.
 */
export async function statusViewers(socket: WASocket, contacts: () => Promise<Contact[]>): Promise<string[]> {
  const [choice] = await askStatusChoices(socket)
  // Taken for another one, it would show the post to people it is hidden from.
  if (choice && !CHOICES.includes(choice.type)) {
    const text = `the account shows its statuses to people chosen in a way that is not known here: ${choice.type}`
    throw new ApiError('unsupported', { text })
  }
  const listed = new Set(await lidsOf(socket, choice?.list ?? []))
  const viewers =
    choice?.type === 'whitelist' ? listed : new Set(await lidsOf(socket, named(await contacts())))
  if (choice?.type === 'blacklist') for (const lid of listed) viewers.delete(lid)

  const { max } = limits.statusViewers
  if (viewers.size > max) {
    const text = `the account shows its statuses to ${viewers.size} people, at most ${max} can be reached; choose them on the phone`
    throw new ApiError('invalid_field', { text })
  }
  const { me } = socket.authState.creds
  const own = withoutDevice(me?.lid ?? me?.id)
  return [own, ...[...viewers].filter((lid) => lid !== own)]
}

/** The people in the address book; others are known by the name they give themselves only. */
function named(contacts: Contact[]): string[] {
  return contacts.filter(({ fullName, firstName }) => fullName || firstName).map(({ jid }) => jid)
}

async function lidsOf({ signalRepository }: WASocket, jids: string[]): Promise<string[]> {
  const lids = jids.filter(isLidJid)
  const numbers = jids.filter(isPhoneJid)
  for (let from = 0; from < numbers.length; from += LOOKED_UP_AT_ONCE) {
    const some = numbers.slice(from, from + LOOKED_UP_AT_ONCE)
    const pairs = await signalRepository.lidMapping.getLIDsForPNs(some)
    for (const { lid } of pairs ?? []) lids.push(withoutDevice(lid))
  }
  return lids
}
