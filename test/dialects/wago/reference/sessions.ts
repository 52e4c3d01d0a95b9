import { success } from '../wago.ts'
import { done, type Example } from './example.ts'

/** The chapters on sessions, on webhooks and on the server. */
export const sessionsExamples: Example[] = [
  {
    request: 'POST /session/init',
    body: { Name: 'JohnDoe', Token: 'veryhardtoken', Os: 'Chrome' },
    reply: success({
      details: 'user created successfully',
      name: 'JohnDoe',
      token: 'veryhardtoken',
      osName: 'Chrome',
    }),
  },
  {
    request: 'GET /session/all',
    reply: success([
      {
        Id: 1,
        Name: 'JohnDoe',
        Token: 'veryhardtoken',
        Webhook: 'http://server/webhook',
        Jid: '987654321@s.whatsapp.net',
        Events: 'All',
      },
    ]),
    differs: {
      why: 'Ids are texts here.',
      status: 200,
      reply: success([
        {
          Id: '1',
          Name: 'JohnDoe',
          Token: 'veryhardtoken',
          Webhook: 'http://server/webhook',
          Jid: '987654321@s.whatsapp.net',
          Events: 'All',
        },
      ]),
    },
  },
  {
    request: 'POST /session/scanned',
    reply: success([{ Name: 'JohnDoe', Token: 'veryhardtoken', Jid: '987654321@s.whatsapp.net' }]),
  },
  {
    request: 'POST /session/connect',
    body: { Subscribe: ['Message', 'ChatPresence'], Immediate: false },
    of: 'fresh',
    reply: success({
      details: 'Connected!',
      events: 'Message,ChatPresence',
      jid: '987654321.0:5@s.whatsapp.net',
      webhook: 'http://server/webhook',
    }),
  },
  { request: 'GET /session/qr', of: 'fresh', reply: success({ QRCode: 'data:image/png;base64,iVBORw0K…' }) },
  {
    request: 'POST /session/pair',
    body: { Phone: '+1872873827' },
    of: 'pairing',
    reply: success({ LinkingCode: 'ABCD-EFGH' }),
  },
  {
    request: 'GET /session/status',
    reply: success({
      Connected: true,
      LoggedIn: true,
      Jid: { User: '987654321', Server: 's.whatsapp.net' },
      Events: 'All',
    }),
  },
  { request: 'POST /session/disconnect', of: 'closing', reply: done('Disconnected') },
  { request: 'POST /session/logout', of: 'leaving', reply: done('Logged out') },
  { request: 'POST /session/delete', of: 'leaving', reply: done('token deleted') },
  {
    request: 'POST /webhook',
    body: { WebhookURL: 'http://server/webhook' },
    reply: success({ webhook: 'http://server/webhook' }),
  },
  { request: 'GET /webhook', reply: success({ subscribe: ['Message'], webhook: 'http://server/webhook' }) },
  { request: 'GET /server/ok', reply: success({ details: 'ok' }) },
  { request: 'POST /server/license', reply: success({ license: { valid: true } }) },
  {
    request: 'GET /server/update',
    reply: success({ details: 'up to date' }),
    differs: {
      why: 'It is the operator who installs another version.',
      status: 200,
      reply: success({
        details: 'this server does not update itself: its operator installs another version',
      }),
    },
  },
]
