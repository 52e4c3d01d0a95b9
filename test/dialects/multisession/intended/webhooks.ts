/** A recorded answer that is not to be the same here, and why. */
interface Intended {
  route: string
  case: string
  reason: string
}

/** A webhook that is not there, or belongs to another device. */
const ABSENT = '404 `webhook not found` in place of the error of the database'
const UNREACHED =
  'the name of the recorded receiver leads nowhere while this is replayed; another test has a receiver'
const NOTHING_DELETED = '404 `webhook not found`: nothing was deleted'

/**
 * Where the answers about webhooks, and what webhooks are told, differ from the recording. It was made with addresses that
 * must be public (`WEBHOOK_ALLOWED_NETWORKS=public`), a time limit of ten seconds (`WEBHOOK_TIMEOUT_MS=10000`), and no
 * limit to the number of webhooks (`WEBHOOK_MAX_PER_DEVICE=20`); the numbers 14, 15 and 19 were given to webhooks that
 * are not in it.
 */
export const intended: Intended[] = [
  { route: 'GET /webhooks/{webhook_id}', case: 'device never linked (no client)', reason: ABSENT },
  { route: 'PATCH /webhooks/{webhook_id}', case: 'device never linked (no client)', reason: ABSENT },
  {
    route: 'DELETE /webhooks/{webhook_id}',
    case: 'device never linked (no client)',
    reason: NOTHING_DELETED,
  },
  { route: 'GET /webhooks/{webhook_id}/logs', case: 'device never linked (no client)', reason: ABSENT },
  { route: 'POST /webhooks/{webhook_id}/test', case: 'device never linked (no client)', reason: ABSENT },
  { route: 'GET /webhooks/{webhook_id}', case: 'unknown id', reason: ABSENT },
  { route: 'GET /webhooks/{webhook_id}', case: "another customer's device", reason: ABSENT },
  { route: 'GET /webhooks/{webhook_id}', case: 'another device of the same customer', reason: ABSENT },
  { route: 'GET /webhooks/{webhook_id}', case: 'negative id', reason: ABSENT },
  { route: 'GET /webhooks/{webhook_id}', case: 'zero', reason: ABSENT },
  { route: 'PATCH /webhooks/{webhook_id}', case: 'unknown id', reason: ABSENT },
  { route: 'PATCH /webhooks/{webhook_id}', case: "another customer's device", reason: ABSENT },
  { route: 'PATCH /webhooks/{webhook_id}', case: 'another device of the same customer', reason: ABSENT },
  { route: 'PATCH /webhooks/{webhook_id}', case: 'negative id', reason: ABSENT },
  { route: 'PATCH /webhooks/{webhook_id}', case: 'zero', reason: ABSENT },
  { route: 'DELETE /webhooks/{webhook_id}', case: 'unknown id', reason: NOTHING_DELETED },
  { route: 'DELETE /webhooks/{webhook_id}', case: "another customer's device", reason: NOTHING_DELETED },
  {
    route: 'DELETE /webhooks/{webhook_id}',
    case: 'another device of the same customer',
    reason: NOTHING_DELETED,
  },
  { route: 'DELETE /webhooks/{webhook_id}', case: 'negative id', reason: NOTHING_DELETED },
  { route: 'DELETE /webhooks/{webhook_id}', case: 'zero', reason: NOTHING_DELETED },
  { route: 'GET /webhooks/{webhook_id}/logs', case: 'unknown id', reason: ABSENT },
  { route: 'GET /webhooks/{webhook_id}/logs', case: "another customer's device", reason: ABSENT },
  { route: 'GET /webhooks/{webhook_id}/logs', case: 'another device of the same customer', reason: ABSENT },
  { route: 'GET /webhooks/{webhook_id}/logs', case: 'negative id', reason: ABSENT },
  { route: 'GET /webhooks/{webhook_id}/logs', case: 'zero', reason: ABSENT },
  { route: 'POST /webhooks/{webhook_id}/test', case: 'unknown id', reason: ABSENT },
  { route: 'POST /webhooks/{webhook_id}/test', case: "another customer's device", reason: ABSENT },
  { route: 'POST /webhooks/{webhook_id}/test', case: 'another device of the same customer', reason: ABSENT },
  { route: 'POST /webhooks/{webhook_id}/test', case: 'negative id', reason: ABSENT },
  { route: 'POST /webhooks/{webhook_id}/test', case: 'zero', reason: ABSENT },
  { route: 'DELETE /webhooks/{webhook_id}', case: 'again: still ok', reason: NOTHING_DELETED },
  {
    route: 'GET /webhooks/{webhook_id}/logs',
    case: 'certificate of another host',
    reason: 'the words of this runtime for a certificate of another host',
  },
  {
    route: 'GET /webhooks/{webhook_id}/logs',
    case: 'target answers after 12 s',
    reason: 'the words of this server for a receiver that does not answer in time',
  },
  { route: 'GET /webhooks/{webhook_id}/logs', case: 'target answers 503 once', reason: UNREACHED },
  { route: 'GET /webhooks/{webhook_id}/logs', case: 'ok', reason: UNREACHED },
  {
    route: 'GET /webhooks/{webhook_id}/logs',
    case: 'target answers 500',
    reason: 'after three attempts those of the server follow, and are counted',
  },
  {
    route: 'events',
    case: 'own privacy changed elsewhere',
    reason: '`privacy.settings` has the settings as they are now, not empty ones',
  },
  {
    route: 'events',
    case: 'poll of a contact, as phones send it (version 3: no poll.created)',
    reason: '`poll.created` for every version of a poll',
  },
  {
    route: 'events',
    case: 'the account is removed (named by LID: no group.leave)',
    reason: '`group.leave` in groups that name people by LID, too',
  },
  {
    route: 'events',
    case: 'the account leaves by itself (route)',
    reason: 'who has left is named, and told as `group.participant_update` and `group.leave`, too',
  },
  {
    route: 'events',
    case: 'link',
    reason: '`appstate.sync_complete` only of collections that hold something',
  },
  {
    route: 'events',
    case: 'live counters, list one level deeper (nothing is found in it)',
    reason: 'the posts are found in either place',
  },
  {
    route: 'events',
    case: 'first patch of a collection (a full sync: no events of its contents)',
    reason: 'what a device reads first is told like any change, unless it comes from a snapshot',
  },
]
