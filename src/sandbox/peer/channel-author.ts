import { createHash, randomBytes } from 'node:crypto'
import { type BinaryNode, proto } from '../../whatsapp/library/engine.ts'
import { messageAttributes } from '../content/attributes.ts'
import { type Content, say } from '../content/words.ts'
import type { Device } from '../world/account.ts'
import type { Network } from '../world/network.ts'
import type { Newsletter, Post } from '../world/newsletter.ts'
import { child, node, text } from '../world/node.ts'

/** Where a phone writes: a channel of its account. */
export interface ChannelDesk {
  network: Network
  /** The owner's phone. */
  phone: Device
  newsletter: Newsletter
}

/** Number of WhatsApp Web's stored query that creates a channel. */
const CREATE = '8823471724422422'

/** Creates a channel as the phone of its owner does. @throws Error when the service refuses. */
export async function createChannel(
  network: Network,
  phone: Device,
  channel: { name: string; description?: string; picture?: string },
): Promise<Newsletter> {
  const variables = Buffer.from(JSON.stringify({ variables: { input: channel } }))
  const attrs = { id: randomBytes(8).toString('hex'), to: '@s.whatsapp.net', type: 'get', xmlns: 'w:mex' }
  const reply = await network.iq(phone, node('iq', attrs, [node('query', { query_id: CREATE }, variables)]))
  const { data } = JSON.parse(text(child(reply, 'result')) ?? '{}')
  const newsletter = network.newsletters.find(String(data?.xwa2_newsletter_create?.id))
  if (!newsletter) throw new Error('the service did not create the channel')
  return newsletter
}

/** Publishes a post. Files go to the media host as they are: everybody may read a channel. */
export async function postToChannel(desk: ChannelDesk, content: Content): Promise<Post> {
  const id = newPostId()
  await write(desk, 'message', { id }, content)
  return published(desk.newsletter.posts, id)
}

/** Publishes a status, which is a stanza of its own. */
export async function postChannelStatus(desk: ChannelDesk, content: Content): Promise<Post> {
  const id = newPostId()
  await write(desk, 'status', { id }, content)
  return published(desk.newsletter.statuses, id)
}

/** Replaces what a post says. */
export async function editPost(desk: ChannelDesk, post: Post, content: Content): Promise<void> {
  const before = post.change
  await write(desk, 'message', { id: post.id, edit: '3' }, content)
  if (post.change === before) throw refused(post.id)
}

/** Takes a post back. */
export function revokePost({ network, phone, newsletter }: ChannelDesk, post: Post): void {
  const before = post.change
  const attrs = { to: newsletter.jid, id: post.id, type: 'text', edit: '8' }
  network.receive(phone, node('message', attrs, [node('plaintext')]))
  if (post.change === before) throw refused(post.id)
}

async function write(
  { network, phone, newsletter }: ChannelDesk,
  tag: 'message' | 'status',
  attrs: { id: string; edit?: string },
  content: Content,
): Promise<void> {
  let handle: string | undefined
  const { message } = await say(
    content,
    {},
    {
      network,
      account: phone.account,
      chat: newsletter.jid,
      upload: async (file) => {
        const hash = createHash('sha256').update(file).digest()
        handle = hash.toString('base64url')
        network.media.handles.add(handle)
        return { ...network.media.put(file), fileSha256: hash, fileLength: file.length }
      },
      keyOf: (id) => ({ remoteJid: newsletter.jid, id, fromMe: true }),
      find: () => undefined,
      seal: () => {
        throw new Error('nothing is sealed in a channel')
      },
      tally: () => new Map(),
    },
  )
  const { type, mediatype, meta } = messageAttributes(message)
  const stanza = { ...attrs, to: newsletter.jid, type, media_id: handle }
  const parts = meta ? [node('meta', meta)] : []
  network.receive(phone, node(tag, stanza, [plaintext(message, mediatype), ...parts]))
}

function plaintext(message: proto.IMessage, mediatype: string | undefined): BinaryNode {
  return node('plaintext', { mediatype }, proto.Message.encode(proto.Message.fromObject(message)).finish())
}

function published(list: Post[], id: string): Post {
  const post = list.find((other) => other.id === id)
  if (!post) throw refused(id)
  return post
}

function refused(id: string): Error {
  return new Error(`the service refused post ${id}`)
}

function newPostId(): string {
  return `3A${randomBytes(9).toString('hex').toUpperCase()}`
}
