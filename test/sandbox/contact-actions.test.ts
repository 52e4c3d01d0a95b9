import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts'
import { children } from '../../src/sandbox/world/node.ts'
import {
  decryptPollVote,
  jidNormalizedUser,
  WA_CERT_DETAILS,
  type WAMessage,
} from '../../src/whatsapp/library/engine.ts'
import { type Companion, link } from './companion.ts'

const OWNER = '4479000400'
const CONTACT = '4479000401'
let sandbox: Sandbox
let companion: Companion

beforeAll(async () => {
  sandbox = await startSandbox()
  WA_CERT_DETAILS.PUBLIC_KEY = sandbox.rootKey
  sandbox.network.createAccount({ phone: CONTACT, name: 'Ann' })
  companion = await link(sandbox, { phone: OWNER, name: 'Owner' })
})
afterAll(async () => {
  await companion.close()
  await sandbox.stop()
})

async function post(
  action: string,
  body: unknown,
): Promise<{ status: number; body: { id: string; error?: string } }> {
  const url = `${sandbox.controlUrl}/sandbox/contacts/${CONTACT}/${action}`
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) })
  // The control plane is the sandbox's own.
  return { status: response.status, body: (await response.json()) as { id: string } }
}

/** The message with that id at the companion. */
async function arrived(id: string): Promise<WAMessage> {
  await expect.poll(() => companion.messages.some(({ key }) => key.id === id)).toBe(true)
  return companion.messages.find(({ key }) => key.id === id) as WAMessage // waited for above
}

describe('a status of a contact', () => {
  const send = (text: string) => post('send', { to: 'status@broadcast', text })

  test('reaches those it is for, as a text on a coloured ground', async () => {
    const { body } = await send('good morning')

    const { key, message } = await arrived(body.id)
    expect(key).toMatchObject({ remoteJid: 'status@broadcast', fromMe: false })
    expect(key.participant).toBe(sandbox.network.findAccount(CONTACT)?.lidJid())
    expect(message?.extendedTextMessage).toMatchObject({
      text: 'good morning',
      backgroundArgb: expect.any(Number),
    })
  })

  test('reaches nobody whom its author has not chosen', async () => {
    await post('status-audience', { audiences: [{ type: 'whitelist', list: [] }] })
    const { body } = await send('for nobody')
    await post('status-audience', { audiences: [{ type: 'blacklist', list: [] }] })
    await arrived((await send('for all')).body.id)

    expect(companion.messages.some(({ key }) => key.id === body.id)).toBe(false)
  })
})

describe('a vote of a contact', () => {
  test('can be read by the author of the poll', async () => {
    const account = sandbox.network.findAccount(CONTACT)
    const poll = { name: 'Tea?', values: ['Yes', 'No'], selectableCount: 1 }
    const sent = await companion.socket.sendMessage(account?.lidJid() ?? '', { poll })
    const pollId = sent?.key.id ?? ''
    const seen = async () => {
      const response = await fetch(`${sandbox.controlUrl}/sandbox/contacts/${CONTACT}/messages`)
      return (await response.text()).includes(pollId)
    }
    await expect.poll(seen).toBe(true)

    const { body } = await post('vote', { id: pollId, options: ['No'] })
    const { message } = await arrived(body.id)

    const update = message?.pollUpdateMessage
    const author = sandbox.network.findAccount(OWNER)?.lidJid() ?? ''
    expect(update?.pollCreationMessageKey?.id).toBe(pollId)
    const vote = decryptPollVote(update?.vote ?? {}, {
      pollCreatorJid: author,
      pollMsgId: pollId,
      pollEncKey: sent?.message?.messageContextInfo?.messageSecret ?? new Uint8Array(),
      voterJid: account?.lidJid() ?? '',
    })
    expect(vote.selectedOptions).toEqual([createHash('sha256').update('No').digest()])
  })

  test('is for an option the poll has', async () => {
    const { body: poll } = await post('send', { to: OWNER, poll: { name: 'Tea?', options: ['Yes'] } })

    expect((await post('vote', { id: poll.id, options: ['Perhaps'] })).status).toBe(400)
    expect((await post('vote', { id: 'unknown', options: ['Yes'] })).status).toBe(400)
    expect((await post('vote', { id: poll.id, options: ['Yes'] })).status).toBe(200)
  })
})

test('an edit comes in the wrapper phones use, and without it where that is asked for', async () => {
  const { body: first } = await post('send', { to: OWNER, text: 'helo' })
  await arrived(first.id)

  const wrapped = await post('send', { to: OWNER, edit: { id: first.id, text: 'hello' } })
  const bare = await post('send', { to: OWNER, edit: { id: first.id, text: 'hello!', wrapped: false } })

  const inWrapper = (await arrived(wrapped.body.id)).message?.editedMessage?.message?.protocolMessage
  expect(inWrapper?.editedMessage?.conversation).toBe('hello')
  expect((await arrived(bare.body.id)).message?.protocolMessage?.editedMessage?.conversation).toBe('hello!')
})

test('a contact that is installed anew has another identity, of which those who know it are told', async () => {
  const account = sandbox.network.findAccount(CONTACT)
  const before = account?.identity.public

  await post('reinstall', {})
  const told = await sandbox.server.stanzas.find(
    ({ direction, device, stanza }) =>
      direction === 'to-client' &&
      device === companion.jid &&
      stanza.attrs.type === 'encrypt' &&
      children(stanza)[0]?.tag === 'identity',
  )
  const { body } = await post('send', { to: OWNER, text: 'new phone' })
  const { message } = await arrived(body.id)
  await companion.socket.sendMessage(account?.lidJid() ?? '', { text: 'hello again' })

  expect(jidNormalizedUser(told.stanza.attrs.from)).toBe(account?.jid())
  expect(account?.identity.public).not.toEqual(before)
  expect(message?.conversation).toBe('new phone')
  const read = async () => {
    const response = await fetch(`${sandbox.controlUrl}/sandbox/contacts/${CONTACT}/messages`)
    return (await response.text()).includes('hello again')
  }
  await expect.poll(read).toBe(true)
})
