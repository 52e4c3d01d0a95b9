import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Sandbox } from '../../src/sandbox/index.ts'
import type { Account } from '../../src/sandbox/world/account.ts'
import { bytes, child, children, node, text, unixSeconds } from '../../src/sandbox/world/node.ts'
import { type BinaryNode, proto } from '../../src/whatsapp/library/engine.ts'
import { type Companion, type Pair, startPair } from './companion.ts'

let pair: Pair
let sandbox: Sandbox
let ann: Companion
let ben: Companion
let benAccount: Account
let channel: string

beforeAll(async () => {
  pair = await startPair('55119000000')
  ;({ sandbox, ann, ben, benAccount } = pair)
  sandbox.network.createAccount({ phone: '551190000003', name: 'Cid' })
})
afterAll(() => pair.close())
beforeEach(async () => {
  const { data } = await mex(ann, '6234210096708695', { newsletter_input: { name: 'News' } })
  channel = data.xwa2_newsletter_create.id
  await mex(ben, '9926858900719341', { newsletter_id: channel })
})

/** Asks a stored query; the JSON it is answered with. */
async function mex(companion: Companion, number: string, variables: object) {
  const query = node('query', { query_id: number }, Buffer.from(JSON.stringify({ variables })))
  const iq = node('iq', { to: '@s.whatsapp.net', type: 'get', xmlns: 'w:mex' }, [query])
  return JSON.parse(text(child(await companion.socket.query(iq), 'result')) ?? '')
}

function said(words: string): Uint8Array {
  return proto.Message.encode({ conversation: words }).finish()
}

/** Sends a stanza of that id to the channel; the acknowledgement. */
async function write(
  companion: Companion,
  attrs: object,
  words?: string,
  tag = 'message',
): Promise<BinaryNode> {
  const content = node('plaintext', {}, words === undefined ? undefined : said(words))
  return companion.socket.query(node(tag, { to: channel, type: 'text', ...attrs }, [content]))
}

async function posts(companion: Companion): Promise<BinaryNode[]> {
  const wanted = node('messages', { type: 'jid', jid: channel, count: 10 })
  const iq = node('iq', { to: '@s.whatsapp.net', type: 'get', xmlns: 'newsletter' }, [wanted])
  return children(child(await companion.socket.query(iq), 'messages'))
}

/** What the channel sends a companion, by tag and `edit`. */
async function received(companion: Companion, tag: string, edit?: string): Promise<BinaryNode> {
  const { stanza } = await sandbox.server.stanzas.find(
    (entry) =>
      entry.direction === 'to-client' &&
      entry.device === companion.jid &&
      entry.stanza.tag === tag &&
      entry.stanza.attrs.from === channel &&
      entry.stanza.attrs.edit === edit,
  )
  return stanza
}

function wordsIn(holder: BinaryNode | undefined): string | null | undefined {
  return proto.Message.decode(bytes(child(holder, 'plaintext')) ?? new Uint8Array()).conversation
}

async function control(method: 'GET' | 'POST', path: string, body?: object) {
  const response = await fetch(`${sandbox.controlUrl}${path}`, {
    method,
    ...(body && { body: JSON.stringify(body) }),
  })
  return JSON.parse(await response.text())
}

test.each([
  ['xwa2_newsletter_subscribed', ['6388546374527196', '8621797084555037']],
  ['xwa2_newsletter', ['6563316087068696', '9779843322044422']],
  ['xwa2_newsletter_mute_v2', ['29766401636284406', '6274038279359549', '5971669009605755']],
  ['xwa2_newsletter_unmute_v2', ['9864994326891137', '6068417879924485', '6104029483058502']],
  ['xwa2_newsletter_update', ['24250201037901610', '7150902998257522', '7839742399440946']],
  ['xwa2_newsletter_join_v2', ['24404358912487870', '9926858900719341']],
])('%s has a number for each age of client', async (path, numbers) => {
  const variables = {
    newsletter_id: channel,
    input: { key: channel, type: 'JID' },
    updates: { name: 'Newer' },
  }

  const answers = await Promise.all(numbers.map((number) => mex(ann, number, variables)))

  expect(answers.map(({ data }) => data[path])).not.toContain(undefined)
})

test('what the service cannot make out is a bad request about nothing, a channel that is none is not found', async () => {
  const unknown = await mex(ann, '1', {})
  const missing = await mex(ann, '6563316087068696', { input: { key: '1@newsletter', type: 'JID' } })

  const extensions = { severity: 'CRITICAL', is_retryable: false }
  expect(unknown).toEqual({
    data: null,
    errors: [{ message: 'Bad Request', path: [], extensions: { ...extensions, error_code: 400 } }],
  })
  expect(missing).toEqual({
    data: { xwa2_newsletter: null },
    errors: [
      { message: 'Not Found', path: ['xwa2_newsletter'], extensions: { ...extensions, error_code: 404 } },
    ],
  })
})

test('the picture of a channel is a file that anybody can fetch', async () => {
  const picture = Buffer.from('picture').toString('base64')

  const { data } = await mex(ann, '27527996220149684', { newsletter_input: { name: 'Seen', picture } })
  const path = data.xwa2_newsletter_create.thread_metadata.picture.direct_path
  const file = await fetch(`${sandbox.controlUrl}${path}`)

  expect(await file.text()).toBe('picture')
})

test('an edit changes the post under its number, and says when it was written', async () => {
  const { attrs: ack } = await write(ann, { id: 'POST1' }, 'first')

  const { attrs: edited } = await write(ann, { id: 'POST1', edit: '3' }, 'second')
  const relayed = await received(ben, 'message', '3')
  const listed = await posts(ben)

  expect(edited.server_id).toBe(ack.server_id)
  expect(relayed.attrs).toMatchObject({ id: 'POST1', server_id: ack.server_id, type: 'text' })
  expect(Number(child(relayed, 'meta')?.attrs.msg_edit_t)).toBeGreaterThan(1e12)
  expect(child(relayed, 'meta')?.attrs.original_msg_t).toBe(ack.t)
  expect(listed.map((post) => [post.attrs.server_id, post.attrs.edit, wordsIn(post)])).toEqual([
    [ack.server_id, '3', 'second'],
  ])
})

test('nothing is left of a post that was taken back', async () => {
  const { attrs: ack } = await write(ann, { id: 'POST2' }, 'first')

  const { attrs: revoked } = await write(ann, { id: 'POST2', edit: '8' })
  const relayed = await received(ben, 'message', '8')
  const [listed] = await posts(ben)
  const late = await write(ann, { id: 'POST2', edit: '3' }, 'again')

  expect([revoked.server_id, revoked.error]).toEqual([ack.server_id, undefined])
  for (const post of [relayed, listed]) {
    expect(post?.attrs).toMatchObject({ id: 'POST2', server_id: ack.server_id, edit: '8' })
    expect(bytes(child(post, 'plaintext'))?.length ?? 0).toBe(0)
    expect(child(post, 'meta')?.attrs).toEqual({ original_msg_t: ack.t })
  }
  expect(late.attrs.error).toBe('404')
})

test('only what was posted is changed, by its owner, and in the words of channels', async () => {
  await write(ann, { id: 'POST3' }, 'first')

  const answers = [
    await write(ann, { id: 'OTHER', edit: '3' }, 'second'),
    await write(ann, { id: 'POST3', edit: '1' }, 'second'),
    await write(ann, { id: 'POST3', edit: '7' }, 'second'),
    await write(ben, { id: 'POST3', edit: '8' }),
  ]

  expect(answers.map(({ attrs: { error } }) => error)).toEqual(['404', '479', '479', '403'])
})

test('a post that is no message is refused, and the connection stays', async () => {
  const unreadable = node('plaintext', {}, Buffer.from([1, 2, 3]))
  const post = { id: 'POST4', to: channel, type: 'text' }

  const { attrs } = await ann.socket.query(node('message', post, [unreadable]))

  expect(attrs.error).toBe('479')
  expect(await posts(ann)).toEqual([])
})

test('whoever asked is told of new counts for a while, and can ask what has changed', async () => {
  const { attrs: ack } = await write(ann, { id: 'POST4' }, 'first')
  const live = node('iq', { to: channel, type: 'set', xmlns: 'newsletter' }, [node('live_updates')])
  const granted = child(await ann.socket.query(live), 'live_updates')

  await ben.socket.query(
    node('message', { to: channel, id: 'REACTION', type: 'reaction', server_id: ack.server_id }, [
      node('reaction', { code: '❤' }),
    ]),
  )
  const told = child(child(await received(ann, 'notification'), 'live_updates'), 'messages')
  const wanted = node('message_updates', { count: 10, since: unixSeconds() - 60 })
  const iq = node('iq', { to: channel, type: 'get', xmlns: 'newsletter' }, [wanted])
  const updates = child(child(await ann.socket.query(iq), 'message_updates'), 'messages')

  expect(granted?.attrs.duration).toBe('300')
  for (const list of [told, updates]) {
    const [post] = children(list)
    expect(list?.attrs.jid).toBe(channel)
    expect(post?.attrs.server_id).toBe(ack.server_id)
    expect(children(child(post, 'reactions'))[0]?.attrs).toEqual({ code: '❤', count: '1' })
  }
})

test('a status of a channel is a stanza of its own, in the clear', async () => {
  const { attrs: ack } = await write(ann, { id: 'STATUS' }, 'for a day', 'status')
  const { attrs: refused } = await write(ben, { id: 'NOT-MINE' }, 'for a day', 'status')
  const status = await received(ben, 'status')

  expect(ack).toMatchObject({ class: 'status', from: channel, server_id: expect.stringMatching(/^\d+$/) })
  expect(refused).toMatchObject({ class: 'status', error: '403' })
  expect(status.attrs).toMatchObject({ id: 'STATUS', server_id: ack.server_id })
  expect(wordsIn(status)).toBe('for a day')
  expect(await posts(ben)).toEqual([])
})

test('a contact has a channel, writes in it, shows a file, changes its mind', async () => {
  const created = await control('POST', '/sandbox/contacts/551190000003/channels', { name: 'Cid daily' })
  channel = created.jid
  await mex(ben, '9926858900719341', { newsletter_id: channel })
  const at = `/sandbox/channels/${channel}`

  const post = await control('POST', `${at}/posts`, { text: 'hello' })
  await control('POST', `${at}/posts`, { image: true })
  await control('POST', `${at}/statuses`, { text: 'today' })
  await control('POST', `${at}/posts/${post.serverId}/edit`, { text: 'hello again' })
  await control('POST', `${at}/posts/${post.serverId}/revoke`)
  const [first, second] = await posts(ben)
  const image = proto.Message.decode(bytes(child(second, 'plaintext')) ?? new Uint8Array()).imageMessage
  const file = await fetch(`${sandbox.controlUrl}${image?.directPath}`).then((answer) => answer.arrayBuffer())
  const shown = await control('GET', at)

  expect(first?.attrs).toMatchObject({ server_id: String(post.serverId), edit: '8' })
  expect(wordsIn(await received(ben, 'message', '3'))).toBe('hello again')
  expect(wordsIn(await received(ben, 'status'))).toBe('today')
  expect(child(second, 'plaintext')?.attrs.mediatype).toBe('image')
  expect([image?.mediaKey?.length ?? 0, file.byteLength]).toEqual([0, Number(image?.fileLength)])
  expect(shown).toMatchObject({
    name: 'Cid daily',
    followers: { 551190000003: { role: 'OWNER' }, 551190000002: { role: 'SUBSCRIBER' } },
    posts: [
      { change: 'revoked', message: null },
      { change: null, type: 'media' },
    ],
    statuses: [{ message: { conversation: 'today' } }],
  })
  expect(await control('POST', `${at}/posts/9999/revoke`)).toEqual({ error: 'the channel has no post 9999' })
})

test('the about text is set by GraphQL, perhaps for some seconds only, and those who know the account hear of it', async () => {
  // Whoever writes to somebody has asked for the devices first.
  await ann.socket.sendMessage(benAccount.jid(), { text: 'hi' })

  const input = { text: 'busy', emoji: { content: '🚧' }, ephemeral_duration_sec: 3600 }
  const { data } = await mex(ben, '9152604461510864', { input })
  const { stanza } = await sandbox.server.stanzas.find(
    (entry) => entry.device === ann.jid && entry.stanza.attrs.type === 'status',
  )

  expect(data).toEqual({ xwa2_update_text_status: { result: 'SUCCESS' } })
  expect(text(child(stanza, 'set'))).toBe('busy')
  expect(benAccount.about).toMatchObject({ text: 'busy', emoji: '🚧' })
  expect(benAccount.about.endsAt).toBeGreaterThan(unixSeconds() + 3500)
})

test('an account is told when it may no longer write to people it does not know', async () => {
  await control('POST', '/sandbox/contacts/551190000002/reach-out-lock', { endsAt: 1_900_000_000 })
  const updates = sandbox.server.stanzas.list(
    (entry) => entry.device === ben.jid && entry.stanza.attrs.type === 'mex',
  )
  const { stanza } = updates.at(-1) ?? {}
  const told = child(stanza, 'update')

  expect(stanza?.attrs).toMatchObject({ from: '@s.whatsapp.net', t: expect.stringMatching(/^\d+$/) })
  expect(told?.attrs.op_name).toBe('NotificationUserReachoutTimelockUpdate')
  expect(JSON.parse(text(told) ?? '').data.xwa2_notify_account_reachout_timelock).toEqual({
    is_active: true,
    time_enforcement_ends: '1900000000',
    enforcement_type: 'RESTRICT_ALL_COMPANIONS',
  })
})
