import { createHmac } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'

/** What a request brings: fields of JSON or of a form, files by their name. */
type Fields = Record<string, unknown>

interface Contact {
  id: number
  identifier: string | null
  name: string
  phone_number: string | null
}

interface Message {
  id: number
  content: string
  message_type: 'incoming' | 'outgoing'
  private: boolean
  source_id: string | null
  created_at: number
  /** Names and sizes of its files. */
  files: { name: string; type: string; size: number }[]
  status: string
}

interface Conversation {
  id: number
  inbox_id: number
  contact: Contact
  messages: Message[]
}

export const ACCOUNT = 3
export const INBOX = 7
export const ACCESS_TOKEN = 'token-of-the-bridge'
export const WEBHOOK_SECRET = 'secret-of-the-inbox'
const PAGE = 20

class Refusal extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** As much of Chatwoot's API as a channel of the kind "API" needs, as its documents have it, and its signed callbacks. */
export class ChatwootStandIn {
  readonly contacts: Contact[] = []
  readonly conversations: Conversation[] = []
  /** Requests so far, those that were refused included. */
  requests = 0
  /** Answers everything with 503 while true. */
  isDown = false
  /** Where the inbox calls back. */
  callbackUrl = ''
  #ids = 100
  readonly #server = createServer(async (request, response) => {
    this.requests += 1
    try {
      const fields = await fieldsOf(request)
      const answer = this.#answer(request, fields)
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      response.writeHead(error.status).end(JSON.stringify({ error: error.message }))
    }
  })

  /** Starts it on a free port; yields its address. */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    return `http://127.0.0.1:${address.port}`
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  /** All messages of the inbox, oldest first. */
  get messages(): Message[] {
    return this.conversations.flatMap(({ messages }) => messages)
  }

  /** Begins a conversation with somebody whom an agent entered by number. */
  entered(phone: string): Conversation {
    const contact = { id: this.#ids++, identifier: null, name: 'Entered by hand', phone_number: phone }
    this.contacts.push(contact)
    return this.#begin(contact)
  }

  /** An agent writes. Yields what the callback is to be sent with, to be sent as often as a test likes. */
  agentWrites(conversation: Conversation, content: string, isPrivate = false): CallBack {
    const message = { content, message_type: 'outgoing' as const, private: isPrivate, source_id: null }
    return this.#callBack(conversation, this.#add(conversation, { ...message, files: [] }))
  }

  #answer(request: IncomingMessage, fields: Fields): unknown {
    if (this.isDown) throw new Refusal(503, 'down')
    if (request.headers.api_access_token !== ACCESS_TOKEN) throw new Refusal(401, 'Invalid Access Token')
    const url = new URL(request.url ?? '', 'http://chatwoot')
    const path = url.pathname.replace(`/api/v1/accounts/${ACCOUNT}`, `${request.method} `)
    const id = Number(/\d+/.exec(path)?.[0])
    const conversation = this.conversations.find((one) => one.id === id)
    switch (path.replace(/\d+/, ':id').replace(/\d+/, ':message')) {
      case 'GET /contacts/search':
        return { meta: {}, payload: this.#search(url.searchParams.get('q') ?? '') }
      case 'POST /contacts':
        return { payload: { contact: this.#create(fields), contact_inbox: { source_id: fields.source_id } } }
      case 'GET /contacts/:id/conversations':
        return { payload: this.conversations.filter(({ contact }) => contact.id === id).map(shown) }
      case 'POST /conversations':
        return shown(this.#begin(demand(this.contacts.find((one) => one.id === fields.contact_id))))
      case 'GET /conversations/:id/messages':
        return { meta: {}, payload: page(demand(conversation), url.searchParams.get('before')) }
      case 'POST /conversations/:id/messages':
        return this.#incoming(demand(conversation), fields)
      case 'PATCH /conversations/:id/messages/:message': {
        const message = conversation?.messages.find((one) => path.endsWith(`/${one.id}`))
        return Object.assign(demand(message), fields)
      }
      default:
        throw new Refusal(404, path)
    }
  }

  #search(words: string): Contact[] {
    return this.contacts.filter((contact) =>
      [contact.name, contact.identifier, contact.phone_number].some((one) => one?.includes(words)),
    )
  }

  #create({ identifier, name, phone_number }: Fields): Contact {
    const contact = {
      id: this.#ids++,
      identifier: text(identifier) || null,
      name: text(name),
      phone_number: text(phone_number) || null,
    }
    for (const field of ['identifier', 'phone_number'] as const)
      if (this.contacts.some((one) => one[field] !== null && one[field] === contact[field]))
        throw new Refusal(422, `${field} has already been taken`)
    this.contacts.push(contact)
    return contact
  }

  #begin(contact: Contact): Conversation {
    const conversation = { id: this.conversations.length + 1, inbox_id: INBOX, contact, messages: [] }
    this.conversations.push(conversation)
    return conversation
  }

  /** What came in is told to the callback as well, like everything. */
  #incoming(conversation: Conversation, fields: Fields): Message {
    const files = fields['attachments[]'] instanceof File ? [fields['attachments[]']] : []
    const message = this.#add(conversation, {
      content: text(fields.content),
      message_type: 'incoming',
      private: false,
      source_id: text(fields.source_id) || null,
      files: files.map(({ name, type, size }) => ({ name, type, size })),
    })
    void this.#callBack(conversation, message)()
    return message
  }

  #add(conversation: Conversation, given: Omit<Message, 'id' | 'created_at' | 'status'>): Message {
    const message = { ...given, id: this.#ids++, created_at: Math.floor(Date.now() / 1000), status: 'sent' }
    conversation.messages.push(message)
    return message
  }

  #callBack({ id, contact }: Conversation, message: Message): CallBack {
    const body = JSON.stringify({
      ...message,
      event: 'message_created',
      account: { id: ACCOUNT, name: 'Shop' },
      inbox: { id: INBOX, name: 'WhatsApp' },
      conversation: { id, inbox_id: INBOX, meta: { sender: { ...contact, type: 'contact' } } },
    })
    return async (secret = WEBHOOK_SECRET) => {
      const timestamp = String(Math.floor(Date.now() / 1000))
      const signature = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')
      const { status } = await fetch(this.callbackUrl, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-chatwoot-timestamp': timestamp,
          'x-chatwoot-signature': `sha256=${signature}`,
        },
        body,
      })
      return status
    }
  }
}

/** Sends a callback, signed with the secret of the inbox or another one; yields the status of the answer. */
type CallBack = (secret?: string) => Promise<number>

/** A page of messages, oldest first. */
function page({ messages }: Conversation, before: string | null): Message[] {
  return messages.filter(({ id }) => before === null || id < Number(before)).slice(-PAGE)
}

function shown({ id, inbox_id }: Conversation): object {
  return { id, inbox_id, status: 'open' }
}

async function fieldsOf(request: IncomingMessage): Promise<Fields> {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece)
  const body = Buffer.concat(pieces)
  const type = request.headers['content-type'] ?? ''
  if (body.length === 0) return {}
  if (!type.startsWith('multipart/form-data')) return JSON.parse(body.toString())
  return Object.fromEntries(await new Response(body, { headers: { 'content-type': type } }).formData())
}

function demand<Found>(found: Found | undefined): Found {
  if (found === undefined) throw new Refusal(404, 'Resource could not be found')
  return found
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
