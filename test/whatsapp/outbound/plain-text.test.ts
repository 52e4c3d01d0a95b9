import { createHmac, hkdfSync } from 'node:crypto'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Peer } from '../../../src/sandbox/peer/peer.ts'
import { SharedCaches } from '../../../src/whatsapp/library/caches.ts'
import { type BinaryNode, proto } from '../../../src/whatsapp/library/engine.ts'
import { type LeavingMessage, writePlainText } from '../../../src/whatsapp/outbound/plain-text.ts'
import { userPart, withoutDevice } from '../../../src/whatsapp/wire/jid.ts'
import { child, childrenOf } from '../../../src/whatsapp/wire/node.ts'
import type { LinkedUser } from '../../helpers/app.ts'
import { readBy, Stage } from '../defects/stage.ts'

const secret = Buffer.alloc(32, 7)
const messageContextInfo = { messageSecret: secret }
const texts: Record<string, proto.IMessage> = {
  text: { conversation: 'hello', messageContextInfo },
  answer: {
    extendedTextMessage: {
      text: 'hello',
      contextInfo: { stanzaId: 'A1', quotedMessage: { conversation: 'hi' } },
    },
    messageContextInfo,
  },
}

let stage: Stage
let user: LinkedUser
beforeAll(async () => {
  stage = await Stage.open()
  user = await stage.user()
})
afterAll(() => stage.close())

const session = () => stage.app.parley.services.sessions.live(user.id)

/** Somebody who was written to, so that devices, sessions and tokens are known. */
async function acquaintance(): Promise<Peer> {
  const contact = stage.contact()
  await stage.sendText(user, contact.account.phone, 'first')
  await expect.poll(() => stage.keys(user, 'tctoken')).toContain(contact.account.lidJid())
  return contact
}

function ownPhone(): Peer {
  const phone = stage.sandbox.network.findAccount(user.phone)?.devices.get(0)
  if (!(phone instanceof Peer)) throw new Error('the own phone is scripted')
  return phone
}

function leaving(contact: Peer, message: proto.IMessage, id: string): LeavingMessage {
  const encoded = proto.Message.encode(message).finish()
  return {
    id,
    to: contact.account.lidJid(),
    message,
    encoded,
    attributes: { peer_recipient_pn: contact.account.jid() },
  }
}

/** With caches of its own, in which there is what the session would have learnt of these people. */
async function write(message: LeavingMessage, people = [message.to, session().me.lid]): Promise<boolean> {
  const socket = session().socket()
  const caches = new SharedCaches()
  const { userDevicesCache } = caches.forSession(user.id)
  for (const person of people.map(withoutDevice))
    userDevicesCache.set(userPart(person), await socket.getUSyncDevices([person], true, false))
  return writePlainText({ socket, userId: user.id, caches, log: pino({ level: 'silent' }) }, message)
}

/** A stanza without what differs each time. */
function shape({ tag, attrs, content }: BinaryNode): unknown {
  const parts = Array.isArray(content)
    ? content.filter((part) => part.tag !== 'reporting').map(shape)
    : 'bytes'
  return { tag, attrs: { ...attrs, id: '' }, parts }
}

/** What WhatsApp makes of the members of a text that are reported, when somebody reports it (whatsmeow, `reportingtoken.go`). */
function tokenOf(reported: Buffer, { id, to }: LeavingMessage): Buffer {
  const info = Buffer.from(`${id}${withoutDevice(session().me.lid)}${to}Report Token`)
  const key = hkdfSync('sha256', secret, Buffer.alloc(0), info, 32)
  return createHmac('sha256', Buffer.from(key)).update(reported).digest().subarray(0, 16)
}

describe.each(Object.entries(texts))('a %s for an acquaintance', (name, message) => {
  test('leaves as the library would write it, before its first answer and after', async () => {
    const contact = await acquaintance()
    const types: string[] = []
    for (const round of ['unanswered', 'answered']) {
      const ours = leaving(contact, message, `OURS${name}${round}`)
      const theirs = { ...ours, id: `THEIRS${name}${round}` }

      expect(await write(ours)).toBe(true)
      await session().socket().relayMessage(theirs.to, message, {
        messageId: theirs.id,
        additionalAttributes: theirs.attributes,
      })

      const stanza = await stage.messageStanza(ours.id)
      expect(shape(stanza)).toEqual(shape(await stage.messageStanza(theirs.id)))
      types.push(
        ...childrenOf(child(stanza, 'participants'), 'to').map((to) => child(to, 'enc')?.attrs.type ?? ''),
      )
      await contact.send(user.phone, { text: `${name} ${round}` })
      await stage.arrives(`${name} ${round}`)
    }
    expect(types).toEqual(['msg', 'pkmsg', 'msg', 'msg'])
    await expect.poll(() => readBy(contact)).toEqual(['first', 'hello', 'hello', 'hello', 'hello'])
  })

  test('is shown on the own phone', async () => {
    const contact = await acquaintance()
    const id = `PHONE${name}`

    await write(leaving(contact, message, id))

    const phone = ownPhone()
    await expect
      .poll(() => phone.messages.find((one) => one.id === id))
      .toMatchObject({ fromMe: true, text: 'hello' })
  })
})

test('a text names what is reported of it by the token that WhatsApp checks', async () => {
  const contact = await acquaintance()
  for (const number of Array.from({ length: 20 }).keys()) {
    const text = leaving(contact, { conversation: 'hello', messageContextInfo }, `TOKEN${number}`)

    await write(text)

    const token = child(child(await stage.messageStanza(text.id), 'reporting'), 'reporting_token')
    expect(token).toMatchObject({ attrs: { v: '2' } })
    expect(Buffer.from(token?.content as Uint8Array)).toEqual(tokenOf(Buffer.from('\x0a\x05hello'), text))
  }
})

describe('is left to the library, with nothing written', () => {
  const cases: Record<string, () => Promise<boolean>> = {
    'a message with a file': async () =>
      write(
        leaving(await acquaintance(), { imageMessage: { caption: 'hello' }, messageContextInfo }, 'LEFT1'),
      ),
    'a reaction': async () =>
      write(leaving(await acquaintance(), { reactionMessage: { text: '+' } }, 'LEFT2')),
    'a text for somebody whose devices are not known': async () =>
      write(leaving(await acquaintance(), { conversation: 'hello' }, 'LEFT3'), [session().me.lid]),
    'a text for somebody without a session': async () => {
      const contact = await acquaintance()
      await session().socket().signalRepository.deleteSession([contact.account.lidJid()])
      return write(leaving(contact, { conversation: 'hello' }, 'LEFT4'))
    },
    'a text for somebody who is to get a token first': async () => {
      const contact = await acquaintance()
      await session()
        .socket()
        .authState.keys.set({ tctoken: { [contact.account.lidJid()]: null } })
      return write(leaving(contact, { conversation: 'hello' }, 'LEFT5'))
    },
    'a text for a number': async () => {
      const contact = await acquaintance()
      return write({ ...leaving(contact, { conversation: 'hello' }, 'LEFT6'), to: contact.account.jid() })
    },
    'a text for oneself': async () => {
      const to = withoutDevice(session().me.lid)
      return write({ ...leaving(await acquaintance(), { conversation: 'hello' }, 'LEFT7'), to })
    },
  }

  test.each(Object.entries(cases))('%s', async (_name, writing) => {
    expect(await writing()).toBe(false)
    const left = stage.sandbox.server.stanzas.list(
      ({ stanza }) => stanza.attrs.id?.startsWith('LEFT') ?? false,
    )
    expect(left).toEqual([])
  })
})

describe('where a session goes away while a text is being encrypted, the library asks for keys and sends it', () => {
  const whose: Record<string, (contact: Peer) => string> = {
    "the recipient's": (contact) => contact.account.lidJid(),
    "the own phone's": () => withoutDevice(session().me.lid),
  }

  test.each(Object.entries(whose))('%s', async (name, jidOf) => {
    const contact = await acquaintance()
    const repository = session().socket().signalRepository
    const { encryptMessage } = repository
    let gone: Promise<void> | undefined
    repository.encryptMessage = async (options) => {
      gone ??= repository.deleteSession([jidOf(contact)])
      await gone
      return encryptMessage(options)
    }

    const answer = await stage.sendText(user, contact.account.phone, name)
    repository.encryptMessage = encryptMessage

    expect(answer.status).toBe(200)
    await expect.poll(() => readBy(contact)).toEqual(['first', name])
    const phone = ownPhone()
    await expect.poll(() => readBy(phone)).toContain(name)
  })
})
