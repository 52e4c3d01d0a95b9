import { expect } from 'vitest'
import { type Sandbox, startSandbox } from '../../../src/sandbox/index.ts'
import type { Account } from '../../../src/sandbox/world/account.ts'
import { child, children } from '../../../src/sandbox/world/node.ts'
import {
  type BinaryNode,
  type proto,
  WA_CERT_DETAILS,
  type WAMessage,
} from '../../../src/whatsapp/library/engine.ts'
import { type Companion, link } from '../companion.ts'

/** What the control plane answers to something that was said. */
export interface Said {
  id: string
  chat: string
  items?: string[]
  error?: string
}

/** A contact that talks to somebody with a linked device. */
export interface Talk {
  sandbox: Sandbox
  companion: Companion
  owner: Account
  contact: Account
  /** Calls a control of the contact. */
  post(action: string, body: unknown): Promise<{ status: number; body: Said }>
  /** Says something to the owner, or in a group. */
  say(content: object): Promise<Said>
  /** The message with that id, as the linked device has decrypted it. */
  arrived(id: string): Promise<WAMessage>
  /** The stanza with that id, as the linked device got it. */
  stanzaOf(id: string): Promise<BinaryNode>
  /** The message with that id at the contact, as the control plane tells it, once it is there. */
  seen(id: string): Promise<SeenMessage>
  close(): Promise<void>
}

/** A message as the control plane tells it. */
export interface SeenMessage {
  id: string
  opened?: { says?: unknown; options?: string[]; failure?: string }
  message: proto.IMessage
}

/** Starts a network with a contact and a linked device; their numbers begin with `prefix`. */
export async function startTalk(prefix: string): Promise<Talk> {
  const sandbox = await startSandbox()
  WA_CERT_DETAILS.PUBLIC_KEY = sandbox.rootKey
  const contact = sandbox.network.createAccount({ phone: `${prefix}1`, name: 'Ann' })
  const companion = await link(sandbox, { phone: `${prefix}2`, name: 'Owner' })
  const owner = sandbox.network.createAccount({ phone: `${prefix}2`, name: 'Owner' })
  const url = `${sandbox.controlUrl}/sandbox/contacts/${contact.phone}`

  const post: Talk['post'] = async (action, body) => {
    const response = await fetch(`${url}/${action}`, { method: 'POST', body: JSON.stringify(body) })
    // The control plane is the sandbox's own.
    return { status: response.status, body: (await response.json()) as Said }
  }
  const messages = async () => {
    const response = await fetch(`${url}/messages`)
    return ((await response.json()) as { messages: SeenMessage[] }).messages
  }
  return {
    sandbox,
    companion,
    owner,
    contact,
    post,
    async say(content) {
      const { status, body } = await post('send', { to: owner.phone, ...content })
      expect(body.error).toBeUndefined()
      expect(status).toBe(200)
      return body
    },
    async arrived(id) {
      const find = () => companion.messages.find(({ key }) => key.id === id)
      await expect.poll(find).toBeDefined()
      return find() as WAMessage // waited for above
    },
    async stanzaOf(id) {
      const { stanza } = await sandbox.server.stanzas.find(
        ({ direction, device, stanza }) =>
          direction === 'to-client' &&
          device === companion.jid &&
          stanza.tag === 'message' &&
          stanza.attrs.id === id,
      )
      return stanza
    },
    async seen(id) {
      const find = async () => (await messages()).find((message) => message.id === id)
      await expect.poll(find).toBeDefined()
      return (await find()) as SeenMessage // waited for above
    },
    async close() {
      await companion.close()
      await sandbox.stop()
    },
  }
}

/** What the stanza of a message says of its content. */
export function announced(stanza: BinaryNode) {
  const content = children(stanza)
    .filter(({ tag }) => tag === 'enc')
    .at(-1)
  const { type, edit } = stanza.attrs
  const { mediatype, 'decrypt-fail': decryptFail } = content?.attrs ?? {}
  return { type, edit, mediatype, decryptFail, meta: child(stanza, 'meta')?.attrs }
}
