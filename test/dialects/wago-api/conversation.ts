import { failure, type Wago } from './wago.ts'

/** Whatever the sandbox tells of a message: tests look into it freely. */
type Received = Awaited<ReturnType<Wago['app']['received']>>[number]

/** The session and its contact in conversation. */
export class Conversation {
  readonly #wago: Wago

  constructor(wago: Wago) {
    this.#wago = wago
  }

  /** Lets the contact say something and waits until it is stored; gives the id of the message. */
  async hears(content: object, to: object = { to: this.#wago.user.phone }): Promise<string> {
    const { app, contact, user } = this.#wago
    const { id } = await app.sandbox('POST', `/contacts/${contact}/send`, { ...to, ...content })
    await app.waitFor(`message ${id}`, async () => {
      const { db } = app.parley.services
      return db('messages').where({ user_id: user.id, id }).first()
    })
    return id
  }

  /** Lets the contact say something about an earlier message and waits until that is stored. */
  async hearsAbout(
    targetId: string,
    content: object,
    to: object = { to: this.#wago.user.phone },
  ): Promise<void> {
    const { app, contact, user } = this.#wago
    const { db } = app.parley.services
    const known = () => db('message_responses').where({ user_id: user.id, target_id: targetId })
    const before = JSON.stringify(await known())
    await app.sandbox('POST', `/contacts/${contact}/send`, { ...to, ...content })
    await app.waitFor(`an answer to ${targetId}`, async () => JSON.stringify(await known()) !== before)
  }

  /** What the contact has decrypted of the message with this id. */
  arrived(id: string): Promise<Received> {
    const { app, contact } = this.#wago
    return app.waitFor(`message ${id} at the contact`, async () =>
      (await app.received(contact)).find((message) => message.id === id),
    )
  }

  /** What the contact has decrypted that refers to a message, by the member that does. */
  async about(id: string, member: string): Promise<Received['message']> {
    const { app, contact } = this.#wago
    return app.waitFor(`${member} about ${id}`, async () => {
      const messages = await app.received(contact)
      return messages.findLast(({ message }) => message[member]?.key?.id === id)?.message
    })
  }

  /** The file of a message that the contact has got. */
  async file(id: string): Promise<Buffer> {
    const { app, contact } = this.#wago
    const response = await fetch(`${app.url}/sandbox/contacts/${contact}/messages/${id}/file`, {
      headers: { authorization: app.parley.adminToken },
    })
    return Buffer.from(await response.arrayBuffer())
  }

  /** The newest value of a setting that the account's phone shares with this device. */
  async setting(...index: string[]) {
    const { app, user } = this.#wago
    const { settings } = await app.sandbox('GET', `/contacts/${user.phone}/settings`)
    return settings.findLast((one: { index: string[] }) => one.index.join() === index.join())?.value
  }
}

/** What a refusal for an unknown message looks like. */
export const messageNotFound = [404, failure('Message not found')]
