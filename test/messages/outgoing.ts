import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { sampleFile } from '../../src/sandbox/world/samples.ts'
import { Dialects } from '../dialects/sending/dialects.ts'
import type { DatabaseKind } from '../helpers/database.ts'
import { animation, picture, tone } from '../helpers/media.ts'
import { pdf } from '../helpers/pdf.ts'
import type { Dialect } from './conversation.ts'
import type { About, Place, SampleFile, SentKind, Way } from './sent/way.ts'

/** Whatever a server answers: tests look into it freely. */
type Json = ReturnType<typeof JSON.parse>

const STATUS = 'status@broadcast'
const META_AI = '867051314767696@bot'

type Answer = [status: number, json: Json]

/** What arrived: the message, and what its stanza said. */
interface Arrived {
  id: string
  message: Json
  /** Its text or caption. */
  text?: string
  /** How often its copy had to be asked for again. */
  retries: number
  shown: boolean
  hiddenBecause?: string
  attributes: Record<string, string>
}

/** What a dialect answered, and what is to be found where the message went to. */
interface Outcome {
  answer: Answer
  /** The message, once it has arrived. */
  found(): Promise<Arrived>
  /** The message that it is about, as it stands now. */
  about(): Promise<Arrived | undefined>
}

/** One linked phone that sends in every dialect, and everybody it sends to. */
export class Outgoing {
  readonly all: Dialects
  readonly #page: Server
  readonly #place: Omit<Place, 'to' | 'id' | 'author' | 'serverId'>
  readonly #channel: string

  private constructor(
    all: Dialects,
    page: Server,
    place: Omit<Place, 'to' | 'id' | 'author' | 'serverId'>,
    channel: string,
  ) {
    this.all = all
    this.#page = page
    this.#place = place
    this.#channel = channel
  }

  static async start(database: DatabaseKind): Promise<Outgoing> {
    const files = await sampleFiles()
    const page = await startPage(files.jpeg)
    // A listening TCP server has a numeric address.
    const site = `http://127.0.0.1:${(page.address() as AddressInfo).port}`
    const env = { WUZAPI_PROFILE: 'reference', MEDIA_ALLOWED_NETWORKS: 'any' }
    const all = await Dialects.start({ database, env })
    // Only people of the address book get a status.
    await all.wago('/contact/add', { Phone: all.contact, FullName: 'Carol' })
    const [, made] = await all.wagoApi('/client/createChannel', { title: 'Tides' })
    const [, invited] = await all.wagoApi('/groupChat/getInviteCode', { chatId: all.group })
    const place = {
      me: `${all.phone}@s.whatsapp.net`,
      friend: `${all.third}@s.whatsapp.net`,
      friendPhone: all.third,
      page: `${site}/`,
      picture: `${site}/a.jpg`,
      invite: inviteIn(invited),
      files,
    }
    return new Outgoing(all, page, place, made.result.id)
  }

  /** Sends a kind in a dialect; `prepare` is called just before, when what it is about has arrived. */
  async send(
    dialect: Dialect,
    kind: SentKind,
    { way, prepare }: { way: Way; prepare?: () => Promise<unknown> },
  ): Promise<Outcome> {
    const place = await this.#placeOf(kind)
    await prepare?.()
    const before = (await this.#arrived(kind)).length
    const answer = await this.#request(dialect, way, place)
    const id = idIn(answer[1])
    const found = () =>
      this.all.app.waitFor(`${kind.name}: ${JSON.stringify(answer)}`, async () =>
        (await this.#arrived(kind)).findLast((one, index) => {
          if (!(kind.member in one.message)) return false
          if (kind.where === 'channel' && kind.about) return one.id === place.id
          // What is about a message may be answered with the id of that message.
          return kind.about || id === undefined ? index >= before : one.id === id
        }),
      )
    const about = async () => (await this.#arrived(kind)).find((one) => one.id === place.id)
    return { answer, found, about }
  }

  /** What has arrived where a kind goes to, oldest first. */
  async #arrived({ where }: SentKind): Promise<Arrived[]> {
    if (where === 'channel') return this.#posts()
    return this.all.app.received(where === 'bot' ? META_AI : this.all.contact)
  }

  async close(): Promise<void> {
    await this.all.close()
    this.#page.closeAllConnections()
    this.#page.close()
  }

  async #placeOf(kind: SentKind): Promise<Place> {
    const to = this.#chatOf(kind)
    const place = { ...this.#place, to, id: '', author: '', serverId: 0 }
    return kind.about ? { ...place, ...(await this.#before(kind, kind.about, place)) } : place
  }

  #chatOf({ where }: SentKind): string {
    switch (where) {
      case 'group':
        return this.all.group
      case 'status':
        return STATUS
      case 'channel':
        return this.#channel
      default:
        return this.all.contactJid
    }
  }

  /** A new message of the chat for the kind to be about, once it has arrived. */
  async #before(kind: SentKind, about: About, { to, me, files }: Place): Promise<Partial<Place>> {
    const { all } = this
    const author = all.contactJid
    if (about === 'their text') return { id: await all.hears({ text: 'Tea?' }), author }
    if (about === 'their picture') return { id: await all.hears({ image: true }), author }
    if (about === 'their poll')
      return { id: await all.hears({ poll: { name: 'Tea?', options: ['yes', 'no'] } }), author }
    const content = {
      'own text': { text: 'Good' },
      'own picture': { mediaBase64: Buffer.from(files.jpeg.bytes).toString('base64'), caption: 'Good' },
      'own poll': { contentType: 'Poll', content: { pollName: 'Tea?', pollOptions: ['yes', 'no'] } },
    }[about]
    const [, { messageId: id }] = await all.wagoApi('/client/sendMessage', { chatId: to, ...content })
    const found = await all.app.waitFor(`what ${kind.name} is about`, async () =>
      (await this.#arrived(kind)).find((one) => one.id === id),
    )
    return { id, author: me, serverId: Number(found.attributes.server_id ?? 0) }
  }

  #request(dialect: Dialect, { route, body }: Way, place: Place): Promise<Answer> {
    const { all } = this
    const [method, path] = partsOf(route)
    switch (dialect) {
      case 'wuzapi':
        return all.wuzapi(path, body(place))
      case 'wago':
        return all.wago(path, body(place))
      case 'wago-api':
        return all.wagoApi(path.replace('/{id}', ''), body(place))
      case 'wsgo':
        return all.wsgo(path, body(place))
      case 'multisession':
        return all.multisession(`${method} ${filled(path, place)}`, body(place))
    }
  }

  /** The posts of the own channel in the form of what a phone shows, with what was done to them. */
  async #posts(): Promise<Arrived[]> {
    const { posts } = await this.all.app.sandbox('GET', `/channels/${this.#channel}`)
    return posts.map(({ id, serverId, type, mediatype, message, change, reactions }: Json) => ({
      id,
      shown: true,
      retries: 0,
      attributes: { type, ...(mediatype && { mediatype }), server_id: String(serverId) },
      message: {
        ...message,
        ...(change && { change }),
        ...(Object.keys(reactions).length > 0 && { reactions }),
      },
    }))
  }
}

/** The id that a dialect answers, if it does. */
function idIn({ data, messageId, messageID }: Json): string | undefined {
  return data?.Id ?? data?.message_id ?? messageId ?? messageID
}

/** Method and path of a route as the table writes it. */
export function partsOf(route: string): [method: string, path: string] {
  const [first = '', second] = route.split(' ')
  return second === undefined ? ['POST', first] : [first, second]
}

function filled(path: string, { to, id }: Place): string {
  const values: Record<string, string> = { chat_jid: to, jid: to, message_id: id, poll_id: id, status_id: id }
  return path.replace(/\{(\w+)\}/g, (_whole, name: string) => values[name] ?? name)
}

function inviteIn({ result, inviteCode }: Json): string {
  const given = String(inviteCode ?? result)
  return given.startsWith('https://') ? given : `https://chat.whatsapp.com/${given}`
}

async function sampleFiles(): Promise<Place['files']> {
  const [ogg, mp4] = [await sampleFile('audio'), await sampleFile('video')]
  const file = (ending: string, type: string, bytes: Uint8Array): SampleFile => ({
    bytes,
    type,
    name: `a.${ending}`,
  })
  return {
    jpeg: file('jpg', 'image/jpeg', await picture('jpeg')),
    gif: file('gif', 'image/gif', await animation(3)),
    mp4: file('mp4', 'video/mp4', mp4.bytes),
    ogg: file('ogg', 'audio/ogg', ogg.bytes),
    mp3: file('mp3', 'audio/mpeg', tone('mp3')),
    pdf: file('pdf', 'application/pdf', pdf()),
    zip: file('zip', 'application/zip', Buffer.from('504b0506000000000000000000000000000000000000', 'hex')),
    webp: file('webp', 'image/webp', await picture('webp', [512, 512])),
  }
}

/** A page with a picture, as a link leads to. */
async function startPage({ bytes }: SampleFile): Promise<Server> {
  const page = createServer((request, response) => {
    if (request.url === '/a.jpg') response.setHeader('content-type', 'image/jpeg').end(bytes)
    else
      response
        .setHeader('content-type', 'text/html')
        .end('<title>Tea</title><meta property="og:image" content="/a.jpg">')
  })
  await new Promise<void>((resolve) => page.listen(0, '127.0.0.1', resolve))
  return page
}
