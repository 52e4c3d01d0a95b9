import type {
  EventRenderers,
  RenderContext,
  Rendered,
  TextDeliveryEncoder,
} from '../../../delivery/renderer.ts'
import { untold } from '../../../delivery/renderer.ts'
import type { Event, EventType } from '../../../events/event.ts'
import { deviceIdOf } from '../../../lib/device-id.ts'
import type { User } from '../../../store/users/users.ts'
import { goStringify, sortedMembers } from '../../shared/go/stringify.ts'
import { goTimeMs } from '../../shared/go/time.ts'
import { appStateTellings } from './app-state.ts'
import { callTellings } from './calls.ts'
import { connectionTellings } from './connection.ts'
import { groupChangedTellings, groupJoinedTellings } from './groups.ts'
import {
  historyTellings,
  mediaRetryTellings,
  messageTellings,
  receiptTellings,
  undecryptableTellings,
} from './messages.ts'
import { TEST } from './names.ts'
import { newsletterTellings } from './newsletters.ts'
import { peopleTellings } from './people.ts'
import { signed } from './signature.ts'
import { numberOf, type Telling, type Tellings, tellFacts } from './telling.ts'

/** What this dialect tells of each event. */
const tellings: Tellings = {
  message: messageTellings,
  receipt: receiptTellings,
  'message.undecryptable': undecryptableTellings,
  'media.retry': mediaRetryTellings,
  'history.sync': historyTellings,
  'group.joined': groupJoinedTellings,
  'group.changed': groupChangedTellings,
  ...connectionTellings,
  ...callTellings,
  ...peopleTellings,
  ...newsletterTellings,
  ...appStateTellings,
  test: () => [tellFacts(TEST, { message: 'test webhook delivery' })],
  ...untold(
    // The change of the shared setting that comes with it is told.
    'account.name',
    'call.state',
    'message.sent',
    'session.qr.timeout',
    'session.unreachable',
  ),
}

/** Whose `data` does not name the account. */
const ANONYMOUS: ReadonlySet<string> = new Set([
  'message.received',
  'message.delivered',
  'message.read',
  'message.played',
  'message.deleted',
  TEST,
])

/**
 * What is told of an event, by the name of the part of it: the name of what is told, with a number behind it where an
 * event has several of them. The same whenever it is asked for.
 */
export function tellingsOf(event: Event, user: User): Map<string, Telling> {
  // Each entry takes the member of the union that its key names, and nothing else.
  const table = tellings as { [T in EventType]: ((event: Event, user: User) => readonly Telling[]) | null }
  const parts = new Map<string, Telling>()
  for (const telling of table[event.type]?.(event, user) ?? []) {
    let part: string = telling.name
    for (let number = 2; parts.has(part); number++) part = `${telling.name}#${number}`
    parts.set(part, telling)
  }
  return parts
}

/** `{"event_type","device_id","timestamp","data"}` for one part of an event; the first one unless it is named. */
function render(event: Event, { user, timeZone, at = 0, part }: RenderContext): Rendered | undefined {
  const parts = tellingsOf(event, user)
  const telling = part ? parts.get(part) : [...parts.values()][0]
  if (!telling) return undefined
  const { name } = telling
  const data = { ...(!ANONYMOUS.has(name) && { jid: numberOf(user) }), ...telling.data(timeZone) }
  return {
    name,
    payload: {
      event_type: name,
      device_id: deviceIdOf(user.id),
      timestamp: goTimeMs(at, ''),
      data: Object.fromEntries(sortedMembers(data)),
    },
  }
}

/** How this dialect writes each event. The table has the same keys as the one above, and `render` takes every event. */
export const eventRenderers = Object.fromEntries(
  Object.entries(tellings).map(([type, told]) => [type, told && render]),
) as EventRenderers

/** The body as JSON, signed with the secret of its webhook; who pulls it gets it without a signature. */
export const encodeDelivery: TextDeliveryEncoder = ({ name, payload }, { hmacKey }) => {
  const body = goStringify(payload)
  const headers = {
    'Content-Type': 'application/json',
    'User-Agent': 'WhatsApp-API-MultiSession/1.0',
    'X-Webhook-Event': name,
  }
  return { body, headers: hmacKey ? { ...headers, ...signed(body, hmacKey) } : headers }
}
