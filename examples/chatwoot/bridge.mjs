// Connects a number on Parley with an inbox of Chatwoot (channel "API"). What people write becomes conversations there,
// and what agents answer goes out. It keeps nothing: whether a message was told is looked up in Chatwoot.
import { createHmac, timingSafeEqual } from 'node:crypto'
import { createServer } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'

const settings = {
  port: Number(process.env.PORT ?? 4000),
  parleyUrl: address('PARLEY_URL'),
  parleyToken: needed('PARLEY_TOKEN'),
  parleySecret: Buffer.from(needed('PARLEY_WEBHOOK_SECRET').replace(/^whsec_/, ''), 'base64'),
  chatwootUrl: address('CHATWOOT_URL'),
  chatwootToken: needed('CHATWOOT_TOKEN'),
  account: needed('CHATWOOT_ACCOUNT_ID'),
  inbox: Number(needed('CHATWOOT_INBOX_ID')),
  // The secret of the inbox where Chatwoot signs, else a word of your own that is a part of the callback's address.
  chatwootSecret: process.env.CHATWOOT_WEBHOOK_SECRET ?? '',
  callbackKey: process.env.CHATWOOT_CALLBACK_KEY ?? '',
}
if (settings.parleySecret.length < 24) throw new Error('PARLEY_WEBHOOK_SECRET is not a secret of a target')
if (!settings.chatwootSecret && settings.callbackKey.length < 16)
  throw new Error('CHATWOOT_WEBHOOK_SECRET is missing, or a CHATWOOT_CALLBACK_KEY of 16 characters at least')

const OLDEST_SECONDS = 300
const CALL_MS = 10_000
// Parley holds a message back for half a minute at most where a pace is set.
const SENDING_MS = 60_000
// Chatwoot waits five seconds for an answer, and then shows the agent that the message failed.
const ANSWER_MS = 4000
const PAGES = 5
// The member that holds a message's content: imageMessage, pollCreationMessageV3; WhatsApp itself writes callLogMesssage.
const KIND = /Mess+age(V\d)?$/

const DOORS = {
  '/parley': { largest: 64 * 1024 * 1024, isGenuine: isFromParley, take: takeDelivery },
  '/chatwoot': { largest: 1024 * 1024, isGenuine: isFromChatwoot, take: takeAnswer },
}

createServer(async (request, response) => {
  const url = new URL(request.url ?? '', 'http://bridge')
  const door = DOORS[url.pathname]
  if (!door || request.method !== 'POST') return response.writeHead(404).end()
  try {
    const body = await read(request, door.largest)
    if (!body) return response.writeHead(413, { connection: 'close' }).end()
    if (!door.isGenuine({ headers: request.headers, query: url.searchParams, body }))
      return response.writeHead(401).end()
    const event = parsed(body)
    // Parley's webhooks are forms unless JSON is asked for.
    if (!event) return response.writeHead(415).end('not JSON')
    response.writeHead(await door.take(event)).end()
  } catch (error) {
    // Anything but 2xx: Parley repeats the delivery, Chatwoot marks the message as failed.
    process.stderr.write(`${url.pathname}: ${error.message}\n`)
    response.writeHead(502).end(error.message)
  }
}).listen(settings.port)

function needed(name) {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is missing`)
  return value
}

function address(name) {
  return needed(name).replace(/\/+$/, '')
}

async function read(request, largest) {
  const pieces = []
  let length = 0
  for await (const piece of request) {
    length += piece.length
    if (length > largest) return undefined
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}

function parsed(body) {
  try {
    return JSON.parse(body.toString())
  } catch {
    return undefined
  }
}

/** Standard Webhooks: HMAC-SHA256 over id, time and the bytes of the body, one signature for each secret that is valid. */
function isFromParley({ headers, body }) {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures = '' } = headers
  if (!isRecent(timestamp)) return false
  const expected = createHmac('sha256', settings.parleySecret)
    .update(`${id}.${timestamp}.`)
    .update(body)
    .digest()
  return signatures
    .split(' ')
    .some((given) => isSame(Buffer.from(given.replace(/^v1,/, ''), 'base64'), expected))
}

/** HMAC-SHA256 over time and body with the secret of the inbox, or the key in the address, as it is set. */
function isFromChatwoot({ headers, query, body }) {
  if (!settings.chatwootSecret)
    return isSame(Buffer.from(query.get('key') ?? ''), Buffer.from(settings.callbackKey))
  const { 'x-chatwoot-timestamp': timestamp, 'x-chatwoot-signature': signature = '' } = headers
  if (!isRecent(timestamp)) return false
  const expected = createHmac('sha256', settings.chatwootSecret).update(`${timestamp}.`).update(body).digest()
  return isSame(Buffer.from(signature.replace(/^sha256=/, ''), 'hex'), expected)
}

function isRecent(timestamp) {
  return Math.abs(Date.now() / 1000 - Number(timestamp)) < OLDEST_SECONDS
}

function isSame(given, expected) {
  return given.length === expected.length && timingSafeEqual(given, expected)
}

const tails = new Map()

/** One thing after the other for each key: a delivery that is repeated while it is still being told waits for that. */
function inTurn(key, work) {
  const mine = (tails.get(key) ?? Promise.resolve()).then(work)
  const tail = mine.catch(() => undefined).then(() => tails.get(key) === tail && tails.delete(key))
  tails.set(key, tail)
  return mine
}

/** From Parley to Chatwoot. Answers 2xx to what is of no interest, so that it does not come again. */
async function takeDelivery({ type, event, base64, mimeType, fileName }) {
  const { Info: info, Message: message = {} } = event ?? {}
  if (type !== 'Message' || info.IsFromMe || !/@(s\.whatsapp\.net|lid)$/.test(info.Chat)) return 204
  const file = base64 && new File([Buffer.from(base64, 'base64')], fileName, { type: mimeType })
  const text = textOf(message) || (file ? '' : substitute(message))
  if (!text && !file) return 204
  await inTurn(info.Chat, async () => {
    const person = personOf(info)
    const conversation = await conversationOf(await contactOf(person), person)
    if (!(await wasTold(conversation, info))) await tell(conversation, { id: info.ID, text, file })
  })
  return 204
}

/** What is to be read: a text, a caption, a reaction, or what a text was changed to. */
function textOf({ protocolMessage, reactionMessage, conversation, ...kinds }) {
  if (protocolMessage?.editedMessage) return `(edited) ${textOf(protocolMessage.editedMessage)}`
  if (reactionMessage?.text) return `(reaction) ${reactionMessage.text}`
  return conversation || contentOf(kinds).text || contentOf(kinds).caption || ''
}

/** A line that says what came, where there is no text and no file: `(location 52.5,13.4)`. */
function substitute({ protocolMessage, reactionMessage, senderKeyDistributionMessage, ...kinds }) {
  const { kind, degreesLatitude, degreesLongitude } = contentOf(kinds)
  if (!kind) return ''
  const place = degreesLatitude === undefined ? '' : ` ${degreesLatitude},${degreesLongitude}`
  return `(${kind.replace(KIND, '')}${place})`
}

function contentOf(kinds) {
  const [kind, content] = Object.entries(kinds).find(([name]) => KIND.test(name)) ?? []
  return { ...content, kind }
}

/** Who wrote: by the JID with the number where WhatsApp tells it, else by the one without. */
function personOf({ Chat, SenderAlt, PushName }) {
  const jid = [Chat, SenderAlt].find((one) => one?.endsWith('@s.whatsapp.net')) ?? Chat
  const identifier = jid.replace(/:\d+@/, '@')
  const number = identifier.split('@')[0]
  const phone = identifier.endsWith('@lid') ? undefined : `+${number}`
  return { identifier, number, phone, name: PushName || phone || number }
}

/** The contact of a person, who may be there already under the number alone. */
async function contactOf({ identifier, number, phone, name }) {
  const { payload: found } = await chatwoot('GET', `/contacts/search?q=${number}`)
  const known =
    found.find((contact) => contact.identifier === identifier) ??
    found.find((contact) => phone && contact.phone_number === phone)
  if (known) return known
  const contact = { inbox_id: settings.inbox, source_id: identifier, identifier, name, phone_number: phone }
  return (await chatwoot('POST', '/contacts', contact)).payload.contact
}

/** The newest conversation in the inbox: Chatwoot opens it again by itself when it was resolved. */
async function conversationOf({ id }, { identifier }) {
  const { payload } = await chatwoot('GET', `/contacts/${id}/conversations`)
  const [known] = payload
    .filter((conversation) => conversation.inbox_id === settings.inbox)
    .sort((a, b) => b.id - a.id)
  const wanted = { inbox_id: settings.inbox, contact_id: id, source_id: identifier }
  return known ?? chatwoot('POST', '/conversations', wanted)
}

/** Whether the conversation has the message. Looks no further back than the message is old. */
async function wasTold({ id }, { ID, Timestamp }) {
  const oldest = Date.parse(Timestamp) / 1000 - OLDEST_SECONDS
  let before = ''
  for (let page = 0; page < PAGES; page++) {
    const { payload } = await chatwoot('GET', `/conversations/${id}/messages${before}`)
    if (payload.some(({ source_id }) => source_id === ID)) return true
    const first = payload.sort((a, b) => a.id - b.id)[0]
    if (!first || first.created_at < oldest) return false
    before = `?before=${first.id}`
  }
  return false
}

async function tell({ id }, { id: source, text, file }) {
  const path = `/conversations/${id}/messages`
  const message = { content: text, message_type: 'incoming', source_id: source }
  if (!file) return chatwoot('POST', path, message)
  const form = new FormData()
  for (const [name, value] of Object.entries(message)) form.append(name, value)
  form.append('attachments[]', file)
  return chatwoot('POST', path, form).catch((error) => {
    // Chatwoot takes files up to a size, and of some kinds: better the line without its file than nothing.
    if (![413, 415, 422].includes(error.status)) throw error
    return chatwoot('POST', path, { ...message, content: `${text}\n(${file.name}: not accepted)`.trim() })
  })
}

/** From Chatwoot to Parley. What is incoming there came from here. */
async function takeAnswer(event) {
  const isAnswer = ['outgoing', 'template'].includes(event.message_type) && !event.private
  if (event.event !== 'message_created' || event.inbox?.id !== settings.inbox || !isAnswer) return 204
  const { identifier, phone_number: phone } = event.conversation.meta.sender
  const to = /@(s\.whatsapp\.net|lid)$/.test(identifier) ? identifier : phone?.replace(/^\+/, '')
  if (!to) throw new Error('the contact has no phone number')
  const files = (event.attachments ?? []).map(({ data_url }) => data_url)
  const text = [event.content, ...files].filter(Boolean).join('\n')
  if (!text) return 204
  const sending = inTurn(`to ${to}`, () => send(to, text, `chatwoot-${event.account.id}-${event.id}`))
  const inTime = await Promise.race([sending.then(() => true), pause(ANSWER_MS, false)])
  if (!inTime) sending.catch((error) => reportFailure(event, error))
  return inTime ? 204 : 202
}

/** The key makes one message of however many repetitions. */
function send(to, text, key) {
  return call(`${settings.parleyUrl}/chat/send/text`, {
    method: 'POST',
    headers: { Token: settings.parleyToken, 'Idempotency-Key': key },
    body: { Phone: to, Body: text },
    timeoutMs: SENDING_MS,
  })
}

/** A message that failed after Chatwoot had its answer: the agent sees it there all the same. */
function reportFailure({ id, conversation }, error) {
  const status = { status: 'failed', external_error: error.message }
  chatwoot('PATCH', `/conversations/${conversation.id}/messages/${id}`, status).catch((cause) =>
    process.stderr.write(
      `message ${id} failed (${error.message}), and so did the report: ${cause.message}\n`,
    ),
  )
}

function chatwoot(method, path, body) {
  const headers = { api_access_token: settings.chatwootToken }
  return call(`${settings.chatwootUrl}/api/v1/accounts/${settings.account}${path}`, { method, headers, body })
}

async function call(url, { method, headers, body, timeoutMs = CALL_MS }) {
  const isJson = body !== undefined && !(body instanceof FormData)
  const response = await fetch(url, {
    method,
    headers: { ...headers, ...(isJson && { 'Content-Type': 'application/json' }) },
    body: isJson ? JSON.stringify(body) : body,
    signal: AbortSignal.timeout(timeoutMs),
  })
  const text = await response.text()
  if (response.ok) return JSON.parse(text)
  const what = `${method} ${new URL(url).pathname} was answered with ${response.status}: ${text.slice(0, 200)}`
  throw Object.assign(new Error(what), { status: response.status })
}
