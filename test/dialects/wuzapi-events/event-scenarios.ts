import type { Event } from '../../../src/events/event.ts'
import { accountSyncEvents } from '../../../src/whatsapp/inbound/parse/account.ts'
import { historySyncEvents } from '../../../src/whatsapp/inbound/parse/history.ts'
import { undecryptableEvents } from '../../../src/whatsapp/inbound/parse/undecryptable.ts'
import { proto } from '../../../src/whatsapp/library/engine.ts'
import { ME, NOW } from './message-scenarios.ts'

const publicKey = {
  challenge: 'Y2hhbA',
  timeout: 60000,
  rpId: 'whatsapp.com',
  allowCredentials: [{ id: 'Y3JlZA', type: 'public-key', transports: ['internal', 'hybrid'] }],
  userVerification: 'required',
  extensions: {},
}

/** Sample name -> the event, for what does not come from one stanza. */
export const eventScenarios: Record<string, Event | undefined> = {
  qr: { type: 'session.qr', code: '2@abc', image: 'data:image/png;base64,iVBORw0KGgo=' },
  qrtimeout: { type: 'session.qr.timeout' },
  connected: { type: 'session.open' },
  disconnected: { type: 'session.closed', code: 428 },
  pushnamesetting: { type: 'account.name', name: 'Me', timestamp: NOW, fromFullSync: false },
  pairsuccess: {
    type: 'session.paired',
    jid: ME.pn,
    lid: ME.lid,
    businessName: '',
    platform: 'android',
    props: { isChatDbLidMigrated: true, isSyncdPureLidSession: true, isSyncdSnapshotRecoveryEnabled: true },
  },
  pairerror: {
    type: 'session.pair.failed',
    by: 'socket',
    jid: ME.pn,
    lid: '',
    businessName: '',
    platform: '',
    error: 'hmac mismatch',
  },
  'pairerror-channel': {
    type: 'session.pair.failed',
    by: 'pairing',
    jid: '',
    lid: '',
    businessName: '',
    platform: '',
    error: 'pairing failed',
  },
  passkeyreq: { type: 'session.passkey.request', by: 'socket', publicKey },
  'passkeyreq-channel': { type: 'session.passkey.request', by: 'pairing', publicKey },
  passkeyconf: { type: 'session.passkey.confirmation', by: 'socket', code: '123456', skipHandoff: false },
  'passkeyconf-channel': {
    type: 'session.passkey.confirmation',
    by: 'pairing',
    code: '123456',
    skipHandoff: false,
  },
  passkeyerr: { type: 'session.passkey.failed', error: 'x', continuation: false },
  loggedout: { type: 'session.logout', onConnect: true, reason: 401 },
  'loggedout-stream': { type: 'session.logout', onConnect: false, reason: 401 },
  connectfailure: {
    type: 'session.refused',
    reason: 400,
    message: 'bad',
    raw: { tag: 'failure', attrs: { reason: '400', location: 'rva' }, content: null },
  },
  'connectfailure-retries': { type: 'session.unreachable', error: 'websocket dial failed', attempts: 3 },
  tempban: { type: 'session.banned', code: 101, expireSeconds: 3600 },
  clientoutdated: { type: 'session.outdated' },
  kat: { type: 'session.keepalive.timeout', errorCount: 1, lastSuccess: NOW },
  keepaliverestored: { type: 'session.keepalive.restored' },
  privacy: accountSyncEvents(
    {
      tag: 'notification',
      attrs: { type: 'account_sync', t: String(NOW) },
      content: [
        {
          tag: 'privacy',
          attrs: {},
          content: [{ tag: 'category', attrs: { name: 'last', value: 'contacts' } }],
        },
      ],
    },
    ME,
    { groupAdd: 'all', lastSeen: 'all' },
  )[0],
  undec: undecryptableEvents(
    {
      tag: 'message',
      attrs: {
        from: '123456789012345@lid',
        sender_pn: '5511999990000@s.whatsapp.net',
        addressing_mode: 'lid',
        notify: 'Bob',
        id: '3EB0X',
        type: 'text',
        t: String(NOW),
      },
      content: [{ tag: 'enc', attrs: { v: '2', type: 'msg' }, content: Buffer.from('cipher') }],
    },
    ME,
  )[0],
  hs: historySyncEvents(
    decoded<proto.HistorySync>(proto.HistorySync, {
      syncType: 3,
      conversations: [
        {
          id: '5511999990000@s.whatsapp.net',
          messages: [
            {
              message: {
                key: { remoteJid: '5511999990000@s.whatsapp.net', fromMe: false, id: '3EB0H' },
                message: { conversation: 'old' },
                messageTimestamp: 1755000000,
                status: 4,
                pushName: 'Bob',
              },
              msgOrderId: 1,
            },
          ],
          unreadCount: 0,
          conversationTimestamp: 1755000000,
          name: 'Bob',
        },
      ],
      chunkOrder: 1,
      progress: 100,
      phoneNumberToLidMappings: [{ pnJid: '5511999990000@s.whatsapp.net', lidJid: '123456789012345@lid' }],
    }),
    decoded<proto.Message.HistorySyncNotification>(proto.Message.HistorySyncNotification, {
      fileSha256: Buffer.from('1'),
      fileLength: 1000,
      mediaKey: Buffer.from('2'),
      fileEncSha256: Buffer.from('3'),
      directPath: '/v/...',
      syncType: 3,
      chunkOrder: 1,
      progress: 100,
      encHandle: 'h',
    }),
  )[0],
}

interface Codec<T> {
  fromObject(object: { [key: string]: unknown }): T
  encode(message: T): { finish(): Uint8Array }
  decode(bytes: Uint8Array): T
}

/** A message as it looks after it came over the wire. */
function decoded<T>(type: Codec<T>, object: { [key: string]: unknown }): T {
  return type.decode(type.encode(type.fromObject(object)).finish())
}
