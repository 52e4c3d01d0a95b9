import { afterEach, expect, test } from 'vitest'
import { type Sandbox, startSandbox } from '../../../src/sandbox/index.ts'
import { LinkedDevice } from '../../../src/sandbox/peer/linked-device.ts'
import { Peer } from '../../../src/sandbox/peer/peer.ts'
import { node } from '../../../src/sandbox/world/node.ts'
import { WA_CERT_DETAILS, xmppSignedPreKey } from '../../../src/whatsapp/library/engine.ts'
import { link } from '../companion.ts'
import { WireClient } from '../wire-client.ts'

/** Answers are looked into freely. */
type Json = ReturnType<typeof JSON.parse>

const [ANN, BEN, EVE] = ['4479000701', '4479000702', '4479000703']
const started: Sandbox[] = []

afterEach(async () => {
  for (const sandbox of started.splice(0)) await sandbox.stop()
})

async function start(state?: unknown): Promise<Sandbox> {
  const sandbox = await startSandbox({ state })
  started.push(sandbox)
  for (const [phone, name] of [
    [ANN, 'Ann'],
    [BEN, 'Ben'],
    [EVE, 'Eve'],
  ] as const)
    if (state === undefined) sandbox.network.createAccount({ phone, name })
  return sandbox
}

/** Starts another sandbox from what this one saves, as text between the two. */
async function again(sandbox: Sandbox): Promise<Sandbox> {
  return start(JSON.parse(JSON.stringify(await sandbox.save())))
}

async function call(sandbox: Sandbox, method: string, path: string, body?: unknown): Promise<Json> {
  const response = await fetch(`${sandbox.controlUrl}${path}`, { method, body: JSON.stringify(body) })
  if (!response.ok) throw new Error(await response.text())
  return response.json()
}

function peer(sandbox: Sandbox, phone: string): Peer {
  const device = sandbox.network.findDevice(phone)
  if (!(device instanceof Peer)) throw new Error(`${phone} has no phone`)
  return device
}

/** What an account, a group or a channel is set to is the same in both. */
async function expectSame(before: Sandbox, after: Sandbox, ...paths: string[]): Promise<void> {
  for (const path of paths) expect(await call(after, 'GET', path)).toEqual(await call(before, 'GET', path))
}

test('accounts keep their settings, blocks, limits, bans and tokens', async () => {
  const before = await start()
  const contact = { phone: ANN, name: 'Ann', about: 'at the sea', autoReply: 'So {text}?', addressing: 'pn' }
  await call(before, 'POST', '/sandbox/contacts', contact)
  await call(before, 'POST', '/sandbox/contacts', { phone: EVE, name: 'Eve', hidden: true })
  await call(before, 'POST', `/sandbox/contacts/${ANN}/limits`, { reachOut: { endsAt: 9, reason: 'x' } })
  const audiences = [{ type: 'whitelist', list: [BEN] }]
  await call(before, 'POST', `/sandbox/contacts/${ANN}/status-audience`, { audiences })
  await call(before, 'POST', '/sandbox/ban', { phone: BEN, seconds: 600 })
  const [ann, ben] = [ANN, BEN].map((phone) => before.network.createAccount({ phone, name: '' }))
  if (!ann || !ben) throw new Error('they are gone')
  ann.privacy.set('last', 'none')
  ann.blocklist.add(ben)
  ann.picture = { id: '7', jpeg: Buffer.from('jpeg') }
  ann.tokens.set(ben, { token: Buffer.from('token'), timestamp: 8 })

  const after = await again(before)

  await expectSame(before, after, `/sandbox/contacts/${ANN}/account`, '/sandbox/contacts')
  const annAfter = after.network.findAccount(ANN)
  const benAfter = after.network.findAccount(BEN)
  if (!annAfter || !benAfter) throw new Error('they are gone')
  expect(annAfter).toMatchObject({ about: ann.about, addressing: 's.whatsapp.net', limits: ann.limits })
  expect(annAfter.picture).toEqual(ann.picture)
  expect(annAfter.identity).toEqual({
    public: Buffer.from(ann.identity.public),
    private: Buffer.from(ann.identity.private),
  })
  expect(annAfter.statusAudiences).toEqual([{ type: 'whitelist', list: [benAfter] }])
  expect([...annAfter.tokens]).toEqual([[benAfter, { token: Buffer.from('token'), timestamp: 8 }]])
  expect(benAfter.ban).toEqual(ben.ban)
  expect(after.network.findAccount(EVE)?.hidesNumber).toBe(true)
  expect(peer(after, ANN).autoReply).toBe('So {text}?')
})

test('a shop keeps its business, catalogue and orders', async () => {
  const before = await start()
  await call(before, 'POST', `/sandbox/contacts/${ANN}/business`, { name: 'Chairs', category: 'Furniture' })
  await call(before, 'POST', `/sandbox/contacts/${ANN}/catalog`, {
    products: [{ name: 'Chair', price: 9000, currency: 'EUR' }, { name: 'Stool' }],
    collections: [{ name: 'All', products: [0, 1] }],
  })
  const { products } = await call(before, 'GET', `/sandbox/contacts/${ANN}/catalog`)
  const order = { to: ANN, items: [{ product: products[0].id, quantity: 2 }] }
  await call(before, 'POST', `/sandbox/contacts/${BEN}/order`, order)

  const after = await again(before)

  await expectSame(before, after, `/sandbox/contacts/${ANN}/catalog`)
  const [ann, annBefore] = [after, before].map(({ network }) => network.findAccount(ANN))
  expect(ann?.business).toEqual(annBefore?.business)
  expect(ann?.catalog?.collections).toEqual(annBefore?.catalog?.collections)
  const [ordered] = [...after.network.orders.values()]
  const [orderedBefore] = [...before.network.orders.values()]
  expect(ordered).toMatchObject({ id: orderedBefore?.id, token: orderedBefore?.token, seller: ann })
})

test('groups, communities, their invitations and the numbering of groups go on', async () => {
  const before = await start()
  const { jid } = await call(before, 'POST', '/sandbox/groups', { subject: 'One', participants: [ANN, BEN] })
  const group = before.network.findGroup(jid)
  const ann = before.network.findAccount(ANN)
  const eve = before.network.findAccount(EVE)
  if (!group || !ann || !eve) throw new Error('the group is gone')
  const community = before.network.createGroup({ subject: 'All', creator: ann })
  Object.assign(community, { isCommunity: true, defaultApproval: 'request_required' })
  Object.assign(group, { community, announcement: true, ephemeralSeconds: 86_400, joinApproval: true })
  group.description = { id: 'D1', text: 'words', author: ann, setAt: 5 }
  group.joinRequests.set(eve, 6)
  group.personalInvites.set(eve, { code: 'C0DE', expiresAt: 7 })
  const oldCode = group.inviteCode
  before.network.renewInvite(group, 'a-new-code')

  const after = await again(before)

  await expectSame(
    before,
    after,
    '/sandbox/state',
    `/sandbox/groups/${jid}`,
    `/sandbox/groups/${community.jid}`,
  )
  const loaded = after.network.findGroup(jid)
  expect(loaded?.membersVersion).toBe(group.membersVersion)
  expect(loaded?.description).toMatchObject({ id: 'D1', author: after.network.findAccount(ANN) })
  expect([...(loaded?.personalInvites.values() ?? [])]).toEqual([{ code: 'C0DE', expiresAt: 7 }])
  expect(after.network.groupByInvite('a-new-code')).toBe(loaded)
  expect(() => after.network.groupByInvite(oldCode)).toThrow('gone')
  expect(after.network.groupsOf(after.network.findAccount(BEN) ?? ann)).toEqual([loaded])
  const next = await call(after, 'POST', '/sandbox/groups', { subject: 'New', participants: [ANN, BEN] })
  expect(before.network.findGroup(next.jid)).toBeUndefined()
})

test('channels keep posts, changes, statuses, counts and files', async () => {
  const before = await start()
  const channel = await call(before, 'POST', `/sandbox/contacts/${ANN}/channels`, {
    name: 'News',
    description: 'of the day',
  })
  const at = `/sandbox/channels/${channel.jid}`
  const post = await call(before, 'POST', `${at}/posts`, { text: 'first' })
  await call(before, 'POST', `${at}/posts/${post.serverId}/edit`, { text: 'first, corrected' })
  await call(before, 'POST', `${at}/posts`, { image: { caption: 'look' } })
  await call(before, 'POST', `${at}/statuses`, { text: 'today' })
  const ben = before.network.findAccount(BEN)
  const newsletter = before.network.newsletters.find(channel.jid)
  if (!ben || !newsletter) throw new Error('the channel is gone')
  newsletter.followers.set(ben, { role: 'SUBSCRIBER', muted: false })
  newsletter.posts[0]?.reactions.set(ben, '👍')
  newsletter.posts[0]?.viewers.add(ben)

  const after = await again(before)

  await expectSame(before, after, at)
  const loaded = after.network.newsletters.findByInvite(newsletter.invite)
  expect(loaded?.posts[0]).toMatchObject({ change: newsletter.posts[0]?.change })
  expect([...(loaded?.posts[0]?.reactions.values() ?? [])]).toEqual(['👍'])
  expect(loaded?.followers.get(after.network.findAccount(BEN) ?? ben)).toEqual({
    role: 'SUBSCRIBER',
    muted: false,
  })
  expect([...after.network.media.handles]).toEqual([...before.network.media.handles])
})

test('files are fetched at the addresses they had', async () => {
  const before = await start()
  const { directPath } = before.network.media.put(Buffer.from('some bytes'))

  const after = await again(before)

  const answer = await fetch(`${after.controlUrl}${directPath}`)
  expect(await answer.text()).toBe('some bytes')
})

test('only the newest files are saved, up to 64 MB', async () => {
  const before = await start()
  const files = [1, 2, 3, 4, 5].map((fill) => Buffer.alloc(15 * 1024 * 1024, fill))
  for (const file of files) before.network.media.put(file)

  const after = await again(before)

  const firstBytes = [...after.network.media.files()].map((file) => file[0])
  expect(firstBytes).toEqual([2, 3, 4, 5])
})

test('a passkey that was registered signs and counts on', async () => {
  const before = await start()
  await call(before, 'POST', `/sandbox/accounts/${ANN}`, { passkey: { handoff: 'require' } })
  const assert = (sandbox: Sandbox) =>
    call(sandbox, 'POST', `/sandbox/accounts/${ANN}/assert`, { options: { challenge: 'x' } })
  const counterOf = ({ response }: Json) =>
    Buffer.from(response.authenticatorData, 'base64url').readUInt32BE(33)
  const signed = await assert(before)

  const after = await again(before)
  const signedAgain = await assert(after)

  expect(signedAgain.id).toBe(signed.id)
  expect(counterOf(signedAgain)).toBe(counterOf(signed) + 1)
  const [old, loaded] = [before, after].map(({ network }) => network.findAccount(ANN)?.passkey)
  expect(loaded?.demand).toEqual(old?.demand)
  expect([...(loaded?.credentials.keys() ?? [])]).toEqual([signed.id])
})

test('whoever trusted the certificate trusts the next one, and numbers of devices do not come back', async () => {
  const before = await start()
  WA_CERT_DETAILS.PUBLIC_KEY = before.rootKey
  const ann = { phone: ANN, name: 'Ann' }
  const companion = await link(before, ann)
  await companion.close()
  const device = before.network.findAccount(ANN)?.devices.get(1)
  if (!device) throw new Error('the device is gone')
  before.network.removeDevice(device)

  const after = await again(before)
  const wire = await WireClient.linked(after, after.network.createAccount(ann))

  expect(after.rootKey).toEqual(before.rootKey)
  expect(wire.creds.me?.id).toBe(`${ANN}:2@s.whatsapp.net`)
})

// With these numbers of microtasks some messages are on their way, and phones have not read all that reached them.
test.each([10, 100, 200, 300, 500])(
  'a sandbox saved in the midst of its work, after %i turns, loses nothing',
  async (turns) => {
    const before = await start()
    const [ann, ben] = [peer(before, ANN), peer(before, BEN)]
    const { jid } = await call(before, 'POST', '/sandbox/groups', {
      subject: 'Team',
      participants: [ANN, BEN],
    })
    const sendAll = async (from: Peer, to: string) => {
      for (let sent = 0; sent < 10; sent += 1) await from.send(to, { text: `${sent} to ${to}` })
    }
    const sending = [sendAll(ann, BEN), sendAll(ben, ANN), sendAll(ann, jid)]
    for (let turn = 0; turn < turns; turn += 1) await undefined

    const state: Json = JSON.parse(JSON.stringify(await before.save()))
    const after = await start(state)
    await peer(after, BEN).idle()
    await peer(after, ANN).idle()
    await Promise.all(sending)

    const sentBy = (phone: string) =>
      state.accounts
        .find((account: Json) => account.phone === phone)
        .device0.sent.map(({ id }: Json) => id)
        .toSorted()
    const readBy = (phone: string) =>
      peer(after, phone)
        .messages.map(({ id }) => id)
        .toSorted()
    expect(readBy(BEN)).toEqual(sentBy(ANN))
    expect(readBy(ANN)).toEqual(sentBy(BEN))
    expect(after.network.retryRequests.total).toBe(0)
  },
)

test('a companion that was linked when the sandbox was saved is still given its keys', async () => {
  const before = await start()
  const owner = before.network.createAccount({ phone: ANN, name: 'Ann' })
  WA_CERT_DETAILS.PUBLIC_KEY = before.rootKey
  const wire = await WireClient.linked(before, owner)
  const client = await WireClient.login(before, wire.creds)
  const goOn = await peer(before, ANN).pause()
  // It waits behind that pause, and what the phone owes the companion behind both.
  const saving = before.save()
  await client.query('set', 'encrypt', [node('list'), xmppSignedPreKey(wire.creds.signedPreKey)])
  goOn()

  const after = await start(JSON.parse(JSON.stringify(await saving)))
  await peer(after, ANN).idle()

  const device = after.network.findDevice(wire.creds.me?.id ?? '')
  if (!(device instanceof LinkedDevice)) throw new Error('the device is gone')
  const [keys] = device.unacknowledged
  expect(keys?.attrs).toMatchObject({ category: 'peer', from: `${ANN}@s.whatsapp.net` })
})
