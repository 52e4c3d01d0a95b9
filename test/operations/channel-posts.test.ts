import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fetchPosts } from '../../src/operations/channels/newsletter-posts.ts'
import { createNewsletter, joinNewsletter } from '../../src/operations/channels/newsletters.ts'
import { editText, revokeMessage } from '../../src/operations/messages/message-changes.ts'
import { sendText } from '../../src/operations/messages/send.ts'
import {
  type ChannelDesk,
  createChannel,
  editPost,
  postChannelStatus,
  postToChannel,
  revokePost,
} from '../../src/sandbox/peer/channel-author.ts'
import { proto } from '../../src/whatsapp/library/engine.ts'
import type { LiveSession } from '../../src/whatsapp/session/session.ts'
import { Stage } from '../whatsapp/defects/stage.ts'

let stage: Stage
let session: LiveSession
let device: string
let desk: ChannelDesk
beforeAll(async () => {
  stage = await Stage.open()
  const user = await stage.user()
  session = stage.app.parley.services.sessions.live(user.id)
  device = stage.companionOf(user.phone).jid
  const { network } = stage.sandbox
  const phone = stage.contact()
  desk = { network, phone, newsletter: await createChannel(network, phone, { name: 'Theirs' }) }
  await joinNewsletter(session, desk.newsletter.jid)
})
afterAll(() => stage.close())

/** What a webhook was told of messages that say this. */
function told(words: string) {
  return stage.receiver.requests
    .filter(({ event }) => event.type === 'Message')
    .map(({ body }) => body)
    .filter((body) => body.includes(words))
}

function acknowledged(id: string, tag: string) {
  return stage.sentBy(
    device,
    ({ attrs, tag: sent }) => sent === 'ack' && attrs.class === tag && attrs.id === id,
  )
}

test('an own post is edited and taken back in the channel', async () => {
  const created = await createNewsletter(session, {
    name: 'Ours',
    description: '',
    picture: new Uint8Array(),
  })
  const to = String(created.id)
  const posts = stage.sandbox.network.newsletters.find(to)?.posts ?? []
  const words = () => proto.Message.decode(posts[0]?.plaintext ?? new Uint8Array()).extendedTextMessage?.text
  const { id } = await sendText(session, { to, text: 'first' })

  const edit = await editText(session, { chat: to, id, text: 'second' })
  const edited = words()
  const revoked = await revokeMessage(session, { chat: to, id, fromMe: true, author: '' })

  expect([edit.id, revoked.id]).toEqual([id, id])
  expect(edited).toBe('second')
  expect(posts).toHaveLength(1)
  expect(posts[0]).toMatchObject({ id, change: { kind: 'revoked' } })
})

test('a post that somebody edits is told of once more', async () => {
  const post = await postToChannel(desk, { text: 'written once' })
  await stage.arrives('written once')

  await editPost(desk, post, { text: 'written twice' })
  await stage.arrives('written twice')

  expect(told('written twice')[0]).toContain('"Edit":"3"')
  expect(told('written twice')[0]).toContain(`"ID":"${post.id}"`)
})

test('a post that somebody takes back is acknowledged, and the phone is not asked for it', async () => {
  const post = await postToChannel(desk, { text: 'said too early' })
  await stage.arrives('said too early')
  const before = acknowledged(post.id, 'message')

  revokePost(desk, post)
  await stage.app.waitFor('the acknowledgement', () => acknowledged(post.id, 'message') > before)
  // The library waits for two seconds before it asks.
  await delay(3_000)
  const [listed] = (await fetchPosts(session, { jid: desk.newsletter.jid, count: 1 })).slice(-1)

  expect(told(post.id)).toHaveLength(1)
  expect(stage.sentBy(device, ({ attrs }) => attrs.category === 'peer')).toBe(0)
  expect(listed).toMatchObject({ id: post.id, serverId: post.serverId, message: null })
})

test('a status of a channel is told of as one, and acknowledged', async () => {
  const status = await postChannelStatus(desk, { text: 'for a day' })
  await stage.arrives('for a day')
  await stage.app.waitFor('the acknowledgement', () => acknowledged(status.id, 'status') === 1)

  expect(told('for a day')[0]).toContain('"IsNewsletterStatus":true')
})
