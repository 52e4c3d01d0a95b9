import { z } from 'zod'
import { proto } from '../../whatsapp/library/engine.ts'
import { contentOptions } from '../content/context-info.ts'
import { contentShape } from '../content/words.ts'
import type { Peer } from '../peer/peer.ts'
import type { ReceivedMessage } from '../peer/peer-inbox.ts'
import type { Opened } from '../peer/sealed-parts.ts'
import { IN_WORDS } from '../world/json-form.ts'
import { accountFor, type ControlRoute, get, phoneOf, post } from './route.ts'

const DEFAULT_REPLY = 'You said: {text}'

const newContact = z.object({
  phone: z.string(),
  name: z.string(),
  /** A template (`{text}`, `{name}`), true for a default one, false to stop answering. */
  autoReply: z.union([z.boolean(), z.string()]).optional(),
  about: z.string().optional(),
  /** How it addresses people in chats of two: `pn` for a phone that has not moved to LIDs yet, or goes back. */
  addressing: z.enum(['lid', 'pn']).optional(),
  /** The service tells its number to nobody; here it is still called by it. */
  hidden: z.boolean().optional(),
})

// A chat is named by `to` or, when it is a group, by `group`.
const chat = z.object({ to: z.string().optional(), group: z.string().optional() })
const toSend = chat.extend({ ...z.object(contentShape).partial().shape, ...contentOptions.shape })

const archiving = z.object({ chat: z.string(), archived: z.boolean().default(true) })

const receipts = z.object({
  ids: z.array(z.string()).min(1),
  /** `retry` asks for another copy. */
  type: z.enum(['delivered', 'read', 'played', 'retry']).default('read'),
  // With `to`, whose messages they are, the receipts are forged: nothing need have been received.
  to: z.string().optional(),
  group: z.string().optional(),
  recipient: z.string().optional(),
  count: z.int().min(1).optional(),
})

/** What scripted contacts do, and what they have seen. */
export const contactRoutes: ControlRoute[] = [
  get('/sandbox/contacts', ({ network }) =>
    [...network.accounts.keys()].map((phone) => describe(phoneOf(network, phone))),
  ),
  post('/sandbox/contacts', newContact, ({ network, body }) => {
    const account = accountFor(network, body.phone, body.name)
    const peer = phoneOf(network, account.phone)
    if (body.about !== undefined) account.about = { text: body.about, setAt: Math.floor(Date.now() / 1000) }
    if (body.autoReply !== undefined) peer.autoReply = template(body.autoReply)
    if (body.addressing !== undefined)
      account.addressing = body.addressing === 'lid' ? 'lid' : 's.whatsapp.net'
    if (body.hidden !== undefined) hideNumber(peer, body.hidden)
    return describe(peer)
  }),
  post('/sandbox/contacts/:phone/send', toSend, async ({ network, params, body }) => {
    const { to, group, id: given, quote, mentions, expiration, forwarded, ...content } = body
    const peer = phoneOf(network, params.phone ?? '')
    const options = { id: given, quote, mentions, expiration, forwarded }
    const { id, chat, timestamp, items } = await peer.send(chatOf({ to, group }), content, options)
    return { id, chat, timestamp, ...(items.length > 0 && { items }) }
  }),
  post(
    '/sandbox/contacts/:phone/press',
    z.object({
      id: z.string(),
      button: z.string(),
      card: z.int().min(1).optional(),
      place: z.object({ latitude: z.number(), longitude: z.number() }).optional(),
    }),
    async ({ network, params, body: { id, ...press } }) => {
      const answer = await phoneOf(network, params.phone ?? '').press(id, press)
      // A button that only opens or copies something says nothing to anybody.
      return answer ? { id: answer.id, chat: answer.chat, timestamp: answer.timestamp } : {}
    },
  ),
  post(
    '/sandbox/contacts/:phone/vote',
    z.object({ id: z.string(), options: z.array(z.string()) }),
    async ({ network, params, body }) => {
      const { id, chat, timestamp } = await phoneOf(network, params.phone ?? '').vote(body.id, body.options)
      return { id, chat, timestamp }
    },
  ),
  post('/sandbox/contacts/:phone/reinstall', z.object({}), ({ network, params }) => {
    phoneOf(network, params.phone ?? '').reinstall()
    return {}
  }),
  get('/sandbox/contacts/:phone/messages', async ({ network, params }) => {
    const peer = phoneOf(network, params.phone ?? '')
    await peer.idle()
    return { messages: peer.messages.map((message) => messageJson(message, peer.open(message))) }
  }),
  get('/sandbox/contacts/:phone/messages/:id/file', ({ network, params }) =>
    phoneOf(network, params.phone ?? '').download(params.id ?? ''),
  ),
  get('/sandbox/contacts/:phone/observations', ({ network, params }) => ({
    observations: phoneOf(network, params.phone ?? '').observations,
  })),
  get('/sandbox/contacts/:phone/settings', async ({ network, params }) => {
    const settings = await phoneOf(network, params.phone ?? '').settings.all()
    return {
      settings: settings.map(({ index, value }) => ({
        index,
        value: proto.SyncActionValue.toObject(proto.SyncActionValue.fromObject(value), { longs: String }),
      })),
    }
  }),
  post('/sandbox/contacts/:phone/archive', archiving, async ({ network, params, body }) => {
    await phoneOf(network, params.phone ?? '').settings.archive(body.chat, body.archived)
    return {}
  }),
  post(
    '/sandbox/contacts/:phone/receipt',
    receipts,
    ({ network, params, body: { ids, type, to, ...forged } }) => {
      const peer = phoneOf(network, params.phone ?? '')
      if (to !== undefined) for (const id of ids) peer.forgeReceipt({ id, type, to, ...forged })
      else if (type !== 'retry') peer.sendReceipt(ids, type)
      else throw new Error('say whose messages to ask for again: to (a phone number or JID)')
      return { ids }
    },
  ),
  post(
    '/sandbox/contacts/:phone/presence',
    z.object({
      type: z.enum(['available', 'unavailable']).default('available'),
      subscribe: z.string().optional(),
    }),
    ({ network, params, body }) => {
      const peer = phoneOf(network, params.phone ?? '')
      if (body.subscribe === undefined) peer.sendPresence(body.type)
      else peer.watch(body.subscribe)
      return {}
    },
  ),
  post(
    '/sandbox/contacts/:phone/typing',
    chat.extend({ state: z.enum(['composing', 'recording', 'paused']).default('composing') }),
    ({ network, params, body }) => {
      phoneOf(network, params.phone ?? '').sendTyping(chatOf(body), body.state)
      return {}
    },
  ),
]

function chatOf({ to, group }: { to?: string; group?: string }): string {
  const named = group ?? to
  if (!named) throw new Error('say where to: to (a phone number or JID) or group')
  return named
}

function hideNumber({ account }: Peer, hidden: boolean): void {
  if (hidden && account.devices.size > 1) throw new Error('a number that companions are linked to is told')
  account.hidesNumber = hidden
}

function template(autoReply: boolean | string): string | undefined {
  if (autoReply === true) return DEFAULT_REPLY
  return autoReply === false ? undefined : autoReply
}

function describe({ account, autoReply }: Peer) {
  return { phone: account.phone, name: account.name, jid: account.jid(), lid: account.lidJid(), autoReply }
}

function messageJson({ message, stanza, ...rest }: ReceivedMessage, opened: Opened | undefined) {
  return {
    ...rest,
    attributes: stanza,
    message: proto.Message.toObject(proto.Message.fromObject(message), IN_WORDS),
    ...(opened && { opened }),
  }
}
