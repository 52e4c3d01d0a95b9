import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts'
import { Peer } from '../../src/sandbox/peer/peer.ts'
import type { Device } from '../../src/sandbox/world/account.ts'
import { verifiedName } from '../../src/sandbox/world/business.ts'
import { children, node } from '../../src/sandbox/world/node.ts'
import type { BinaryNode } from '../../src/whatsapp/library/engine.ts'

let sandbox: Sandbox
let ann: Listener
let ben: Peer

/** A device that only listens. */
class Listener extends Peer {
  readonly heard: BinaryNode[] = []

  override deliver(stanza: BinaryNode): void {
    this.heard.push(stanza)
    super.deliver(stanza)
  }
}

beforeAll(async () => {
  sandbox = await startSandbox({ makePhone: (account): Device => new Listener(sandbox.network, account) })
  ann = phone('551177100001', 'Ann')
  ben = phone('551177100002', 'Ben')
})
beforeEach(() => {
  ann.heard.length = 0
})
afterAll(() => sandbox.stop())

function phone(number: string, name: string): Listener {
  return sandbox.network.createAccount({ phone: number, name }).devices.get(0) as Listener // made above
}

const ask = (type: 'get' | 'set', xmlns: string, content: BinaryNode[], target?: string) =>
  sandbox.network.iq(ann, node('iq', { id: '1', to: '@s.whatsapp.net', type, xmlns, target }, content))
const errorOf = (reply: BinaryNode) => children(reply)[0]?.attrs.code

test('somebody who is there has no type, somebody who is not has one', () => {
  ann.watch(ben.account.phone)
  ben.sendPresence('available')
  ben.sendPresence('unavailable')

  const seen = ann.heard.filter(({ tag }) => tag === 'presence').map(({ attrs }) => attrs.type)
  expect(seen).toEqual(['unavailable', undefined, 'unavailable'])
})

test('a call says what program it comes from', () => {
  ben.signalCall(ann.account.phone, { kind: 'offer' })

  const call = ann.heard.find(({ tag }) => tag === 'call')
  expect(call?.attrs).toMatchObject({ platform: 'android', version: expect.stringMatching(/^2\.\d+/) })
})

test('a verified name says where a business keeps its messages, and who answers', () => {
  expect(verifiedName({ name: 'Shop' }).attrs).toMatchObject({
    host_storage: '1',
    actual_actors: '1',
    privacy_mode_ts: expect.stringMatching(/^\d+$/),
  })
})

describe('a picture', () => {
  const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3])

  test('is not shown to whoever has it', async () => {
    ben.account.picture = { id: '7', jpeg }
    const shown = (id?: string) =>
      ask('get', 'w:profile:picture', [node('picture', { query: 'url', id })], ben.account.jid())

    expect(children(await shown())[0]?.attrs.id).toBe('7')
    expect(children(await shown('6'))[0]?.attrs.id).toBe('7')
    expect(children(await shown('7'))).toEqual([])
  })

  test('is a JPEG', async () => {
    const set = (bytes: Buffer) =>
      ask('set', 'w:profile:picture', [node('picture', { type: 'image' }, bytes)])

    expect(errorOf(await set(Buffer.from('no picture')))).toBe('406')
    expect((await set(jpeg)).attrs.type).toBe('result')
  })
})

describe('settings of privacy', () => {
  const set = (...changes: Record<string, string>[]) =>
    ask('set', 'privacy', [
      node(
        'privacy',
        {},
        changes.map((change) => node('category', change)),
      ),
    ])

  test('are listed with those of 2026', async () => {
    const [list] = children(await ask('get', 'privacy', [node('privacy')]))
    const settings = Object.fromEntries(children(list).map(({ attrs }) => [attrs.name, attrs.value]))

    expect(settings).toMatchObject({ defense: 'off', stickers: 'contacts', messages: 'all' })
  })

  test.each([
    ['last', 'match_last_seen'],
    ['online', 'contacts'],
    ['readreceipts', 'contacts'],
    ['calladd', 'none'],
    ['defense', 'on'],
    ['stickers', 'all'],
    ['shoes', 'all'],
  ])('%s is never %s', async (name, value) => {
    const reply = await set({ name: 'groupadd', value: 'contacts' }, { name, value })

    expect(errorOf(reply)).toBe('400')
    expect(ann.account.privacy.get('groupadd')).toBe('all')
  })

  test.each([
    ['online', 'match_last_seen'],
    ['calladd', 'known'],
    ['defense', 'on_standard'],
    ['stickers', 'contact_allowlist'],
  ])('%s can be %s', async (name, value) => {
    expect((await set({ name, value })).attrs.type).toBe('result')
    expect(ann.account.privacy.get(name)).toBe(value)
  })
})

test('the place in a message is announced outside of its encryption', async () => {
  await ben.send(ann.account.phone, { location: { latitude: 1, longitude: 2 } })
  await ann.idle()

  const message = ann.heard.find(({ tag }) => tag === 'message')
  expect(message?.attrs.type).toBe('media')
  expect(children(message)[0]?.attrs.mediatype).toBe('location')
})
