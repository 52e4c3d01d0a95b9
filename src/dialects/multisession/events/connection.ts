import type { EventOf } from '../../../events/event.ts'
import { goTime } from '../../shared/go/time.ts'
import { digitsOf, type Telling, type Tellings, tell, tellFacts } from './telling.ts'

const NANOSECONDS_PER_SECOND = 1_000_000_000

/** whatsmeow's sentences for the numbers with which WhatsApp refuses a login. */
const REFUSALS: Record<number, string> = {
  401: 'logged out from another device',
  402: 'account temporarily banned',
  403: 'primary device was logged out',
  405: 'client is out of date',
  406: 'logged out for unknown reason',
  409: 'client user agent was rejected',
  413: 'messenger crypto auth token has expired',
  414: 'messenger crypto auth token is invalid',
}

/** What is told of the life of a connection. */
export const connectionTellings = {
  'session.open': ({ account }) => [
    tellFacts('connection.connected', {
      ...(account && { jid: digitsOf(account.jid) }),
      phone_number: digitsOf(account?.jid ?? ''),
      push_name: account?.pushName ?? '',
      platform: account?.platform ?? '',
      business_name: account?.businessName ?? '',
      is_logged_in: true,
      is_connected: true,
    }),
  ],
  'session.closed': () => [tellFacts('connection.disconnected', {})],
  'session.logout': () => [tellFacts('connection.logged_out', {})],
  'session.keepalive.timeout': ({ errorCount, lastSuccess }) => [
    tell('connection.keepalive_timeout', (timeZone) => ({
      error_count: errorCount,
      last_success: goTime(lastSuccess, timeZone),
    })),
  ],
  'session.keepalive.restored': () => [tellFacts('connection.keepalive_restored', {})],
  'session.banned': ({ code, expireSeconds }) => [
    tellFacts('connection.temporary_ban', {
      reason: code,
      expires: expireSeconds * NANOSECONDS_PER_SECOND,
    }),
  ],
  'session.outdated': () => [tellFacts('connection.client_outdated', {})],
  'session.refused': refused,
  'session.stream.error': ({ code }) => [tellFacts('connection.stream_error', { code })],
  'session.replaced': () => [
    tellFacts('connection.stream_replaced', {
      warning: 'another connection of this device took over; connect again to take it back',
    }),
  ],
  // All codes of one linking are told at once.
  'session.qr': ({ codes }) => (codes ? [tellFacts('connection.qr', { jid: '', codes })] : []),
  'session.phone.outdated': () => [tellFacts('connection.qr_scanned_without_multidevice', {})],
  'session.paired': (event) => [
    tellFacts('connection.pair_success', { jid: digitsOf(event.jid), ...pairing(event) }),
  ],
  // A failure is told twice: as the answer of the server, and as the end of the wait.
  'session.pair.failed': (event) =>
    event.by === 'socket'
      ? [tellFacts('connection.pair_error', { jid: '', ...pairing(event), error: event.error })]
      : [],
  // The original stands still where WhatsApp demands a passkey.
  'session.passkey.request': ({ by, publicKey, page = '' }) =>
    by === 'socket' ? [tellFacts('connection.passkey_required', { public_key: publicKey, page })] : [],
  'session.passkey.confirmation': ({ by, code, skipHandoff }) =>
    by === 'socket' ? [tellFacts('connection.passkey_code', { code, skip_handoff: skipHandoff })] : [],
  'session.passkey.failed': ({ error }) => [tellFacts('connection.passkey_failed', { error })],
  'session.code.void': () => [tellFacts('connection.pairing_code_void', {})],
  'session.integrity.challenge': ({ kind }) => [tellFacts('connection.integrity_challenge', { kind })],
  'session.offline.preview': (event) => [
    tellFacts('offline.sync_preview', {
      total: event.total,
      app_data_changes: event.appDataChanges,
      messages: event.messages,
      notifications: event.notifications,
      receipts: event.receipts,
    }),
  ],
  'session.offline.completed': ({ count }) => [tellFacts('offline.sync_completed', { count })],
} satisfies Partial<Tellings>

function refused({ reason, message = '' }: EventOf<'session.refused'>): Telling[] {
  const sentence = `${reason}: ${REFUSALS[reason] ?? 'unknown error'}`
  return [
    tellFacts('connection.disconnected', { reason: `connect_failure: ${sentence}` }),
    tellFacts('connection.connect_failure', { reason: sentence, message }),
  ]
}

function pairing({
  jid,
  lid,
  businessName,
  platform,
}: Pick<EventOf<'session.paired'>, 'jid' | 'lid' | 'businessName' | 'platform'>) {
  return { pair_jid: jid, pair_lid: lid, business_name: businessName, platform }
}
