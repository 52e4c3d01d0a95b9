import { inflateSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts'
import {
  type HistoryPost,
  historyMessages,
  olderMessages,
  type PastChats,
  uploadHistoryAgain,
} from '../../src/sandbox/peer/history.ts'
import type { Peer } from '../../src/sandbox/peer/peer.ts'
import { decryptMedia } from '../../src/sandbox/world/media-cipher.ts'
import { child, node } from '../../src/sandbox/world/node.ts'
import { proto, WA_CERT_DETAILS } from '../../src/whatsapp/library/engine.ts'
import { type Companion, link } from './companion.ts'

let sandbox: Sandbox
let past: PastChats
let post: HistoryPost
const SECOND = 1_795_000_000
const [PN, LID] = ['4479000301@s.whatsapp.net', '123@lid']

beforeAll(async () => {
  sandbox = await startSandbox()
  WA_CERT_DETAILS.PUBLIC_KEY = sandbox.rootKey
  const owner = sandbox.network.createAccount({ phone: '4479000300', name: 'Owner' })
  post = { media: sandbox.network.media, nctSalt: Buffer.alloc(32, 7) }
  const sent = [PN, LID].map((chat, index) => ({
    id: `ID${index}`,
    chat,
    timestamp: SECOND + index,
    message: { conversation: `text ${index}` },
  }))
  past = { owner, received: [], sent, contacts: [], chatOf: (jid) => (jid === LID ? PN : jid) }
})
afterAll(() => sandbox.stop())

const partOf = ({ protocolMessage }: proto.IMessage) => protocolMessage?.historySyncNotification

/** The history in a message, be it inside or on the media host. */
async function read(message: proto.IMessage): Promise<{ history: proto.HistorySync; raw: Buffer }> {
  const { initialHistBootstrapInlinePayload: inline, directPath, mediaKey } = partOf(message) ?? {}
  const file = sandbox.network.media.get(directPath ?? '')
  const compressed =
    inline ?? (await decryptMedia(file ?? Buffer.alloc(0), mediaKey ?? Buffer.alloc(0), 'md-msg-hist'))
  const raw = inflateSync(compressed)
  return { history: proto.HistorySync.decode(raw), raw }
}

describe('older messages', () => {
  async function older(chatJid: string, oldestMsgTimestampMs: number, oldestMsgId?: string) {
    const wanted = { chatJid, oldestMsgTimestampMs, oldestMsgId, onDemandMsgCount: 10 }
    const { history } = await read(await olderMessages('REQUEST', wanted, { past, post }))
    return history.conversations.map(({ id, messages }) => [
      id,
      messages?.map(({ message }) => message?.key?.id),
    ])
  }

  test('are asked for in seconds, whatever the name of the field says, and in milliseconds', async () => {
    expect(await older(PN, SECOND)).toEqual([[PN, ['ID0']]])
    expect(await older(PN, SECOND * 1000)).toEqual([[PN, ['ID0']]])
    expect(await older(PN, SECOND + 1)).toEqual([[PN, ['ID1', 'ID0']]])
  })

  test('are those with the same person, by whichever address', async () => {
    expect(await older(LID, SECOND + 1)).toEqual([[LID, ['ID1', 'ID0']]])
  })

  test('are none before the first and in a chat that is not known', async () => {
    expect(await older(PN, SECOND, 'ID0')).toEqual([[PN, []]])
    expect(await older('1@g.us', SECOND)).toEqual([])
  })
})

describe('the history of a new companion', () => {
  test('is inside its message while it is small, with the salt for strangers', async () => {
    const [first] = await historyMessages(past, post)
    const { history, raw } = await read(first ?? {})

    expect(partOf(first ?? {})?.directPath).toBeUndefined()
    expect(history.conversations).toHaveLength(2)
    // Field 19, which the library does not know: 32 bytes.
    expect(raw.includes(Buffer.concat([Buffer.from([0x9a, 1, 32]), post.nctSalt]))).toBe(true)
  })

  test('is a file on the media host when it is large, which is uploaded again on request', async () => {
    const text = Array.from({ length: 40_000 }, () => Math.random().toString(36)).join('')
    const message = { conversation: text }
    const large = { ...past, sent: [{ id: 'LARGE', chat: PN, timestamp: SECOND, message }] }

    const [announced = {}] = await historyMessages(large, post)
    const again = await uploadHistoryAgain(announced, post)

    expect(partOf(announced)).toMatchObject({
      directPath: expect.stringContaining('?ccb='),
      encHandle: expect.any(String),
      fileEncSha256: expect.any(Buffer),
    })
    expect(partOf(announced)?.initialHistBootstrapInlinePayload).toBeUndefined()
    expect((await read(announced)).history.conversations[0]?.messages?.[0]?.message?.key?.id).toBe('LARGE')
    expect((await read(again ?? {})).history.conversations).toHaveLength(1)
    sandbox.network.media.expire(partOf(announced)?.directPath ?? '')
    expect(await uploadHistoryAgain(announced, post)).toBeUndefined()
  })
})

test('a companion that could not read a part of the history is sent that part again', async () => {
  const account = sandbox.network.createAccount({ phone: '4479000310', name: 'Lia' })
  const phone = account.devices.get(0) as Peer // every phone of this sandbox is one
  const text = Array.from({ length: 40_000 }, () => Math.random().toString(36)).join('')
  await phone.send('4479000300', { text })
  const companion: Companion = await link(sandbox, { phone: account.phone, name: 'Lia' })
  const device = sandbox.network.findDevice(companion.jid)
  const parts = () =>
    sandbox.server.stanzas.list(
      ({ device: jid, stanza }) =>
        jid === companion.jid && stanza.attrs.category === 'peer' && stanza.tag === 'message',
    )
  await expect.poll(() => parts().length).toBe(3)
  const id = parts()[1]?.stanza.attrs.id
  if (!device) throw new Error('the companion is gone')

  const receipt = { id, to: account.jid(), type: 'server-error', category: 'peer' }
  sandbox.network.receive(device, node('receipt', receipt, [node('encrypt')]))
  await expect.poll(() => parts().length).toBe(4)

  expect(child(parts()[3]?.stanza, 'enc')).toBeDefined()
  const retries = sandbox.server.stanzas.list(({ stanza }) => stanza.attrs.type === 'mediaretry')
  expect(retries).toEqual([])
  await companion.close()
})
