import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'vitest'
import { type Sandbox, startSandbox } from '../../../../src/sandbox/index.ts'
import type { Answer } from '../../../helpers/app.ts'
import type { DatabaseKind } from '../../../helpers/database.ts'
import { picture } from '../../../helpers/media.ts'
import { type Receiver, startReceiver } from '../../../helpers/receiver.ts'
import { Wago } from '../wago.ts'
import { count, subscribe } from './shows.ts'

/** A session whose messages a contact looks at and touches, a webhook that is told so, and a picture at an address. */
export class Screen {
  readonly sandbox: Sandbox
  readonly wago: Wago
  readonly image: Buffer
  readonly #receiver: Receiver
  readonly #files: Server

  private constructor(parts: {
    sandbox: Sandbox
    wago: Wago
    image: Buffer
    receiver: Receiver
    files: Server
  }) {
    this.sandbox = parts.sandbox
    this.wago = parts.wago
    this.image = parts.image
    this.#receiver = parts.receiver
    this.#files = parts.files
  }

  static async open(database: DatabaseKind): Promise<Screen> {
    const sandbox = await startSandbox()
    const env = { WHATSAPP_NETWORK: sandbox.url, MEDIA_ALLOWED_NETWORKS: 'any' }
    const wago = await Wago.start({ database, env })
    const receiver = await startReceiver()
    await subscribe(wago, receiver.url)
    const image = await picture('png')
    const files = createServer((request, response) => {
      if (request.url !== '/a.png') response.writeHead(404).end()
      else response.writeHead(200, { 'content-type': 'image/png' }).end(image)
    })
    await new Promise<void>((resolve) => files.listen(0, '127.0.0.1', resolve))
    return new Screen({ sandbox, wago, image, receiver, files })
  }

  /** An address on the server of files, which has `/a.png` only. */
  at(path: string): string {
    // The address of a server that listens on a port is an object.
    return `http://127.0.0.1:${(this.#files.address() as AddressInfo).port}${path}`
  }

  /** The contact touches something of a message; yields what the webhook is told of the answer. */
  async answerTo(id: string, touched: object): Promise<Answer['json']> {
    const press = `/contacts/${this.wago.contact}/press`
    const answer = await this.wago.app.sandbox('POST', press, { id, ...touched })
    const { fields } = await this.wago.app.waitFor(`the answer to ${id}`, () =>
      this.#receiver.requests.find(({ body }) => body.includes(answer.id)),
    )
    return JSON.parse(fields.jsonData ?? '')
  }

  /** Asks for what must be answered with this failure and reach nobody. */
  async refuses(path: string, body: object, answer: unknown): Promise<void> {
    const before = await count(this.wago)

    expect(await this.wago.call(path, { Phone: this.wago.contact, ...body })).toEqual(answer)
    expect(await count(this.wago)).toBe(before)
  }

  /** Asks twice with the same `Idempotency-Key`; it must be one message with one answer. */
  async sendsOnce(path: string, body: object): Promise<void> {
    const before = await count(this.wago)
    const request = {
      token: this.wago.user.token,
      headers: { 'Idempotency-Key': `once ${path}` },
      body: { Phone: this.wago.contact, ...body },
    }

    const first = await this.wago.request('POST', path, request)
    const second = await this.wago.request('POST', path, request)

    await this.wago.arrived(first.json.data.Id)
    expect(second.json).toEqual(first.json)
    expect(second.headers.get('Idempotent-Replayed')).toBe('true')
    expect(await count(this.wago)).toBe(before + 1)
  }

  async close(): Promise<void> {
    await this.wago.close()
    await this.sandbox.stop()
    await this.#receiver.close()
    this.#files.close()
  }
}
