import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { wago as dialect } from '../../../src/dialects/wago/index.ts'
import { ADMIN_TOKEN } from '../../helpers/app.ts'
import { examples } from './reference-examples.ts'
import { failure, refused, Wago } from './wago.ts'

// What every field is refused for: its type, and that it lacks. The bodies are the examples of the document.

/** The fields a route cannot do without; where the document calls one optional, nothing can be done without it. */
const required: Record<string, string[]> = {
  '/session/init': ['Name', 'Token', 'Os'],
  '/session/pair': ['Phone'],
  '/webhook': ['WebhookURL'],
  '/send/text': ['Phone', 'Body'],
  '/send/image': ['Phone', 'Image'],
  '/send/audio': ['Phone', 'Audio'],
  '/send/poll': ['Phone', 'Question', 'MaxAnswer', 'Options'],
  '/send/document': ['Phone', 'Document', 'FileName'],
  '/send/video': ['Phone', 'Video'],
  '/send/sticker': ['Phone', 'Sticker'],
  '/send/location': ['Phone', 'Latitude', 'Longitude'],
  '/send/contact': ['Phone', 'Vcard'],
  '/user/info': ['Phone'],
  '/user/check': ['Phone'],
  '/user/avatar': ['Phone'],
  '/user/block': ['Phone'],
  '/user/unblock': ['Phone'],
  '/user/profile': ['Image'],
  '/user/name': ['Name'],
  '/user/presence': ['Presence'],
  '/user/parselid': ['LID'],
  '/contact/add': ['Phone', 'FullName'],
  '/contact/remove': ['Phone'],
  '/message/react': ['Phone', 'Body', 'Id', 'IsFromMe'],
  '/message/presence': ['Phone', 'State'],
  '/message/markread': ['Id', 'Chat'],
  '/message/status': ['Id'],
  '/message/delete': ['Chat', 'MessageID'],
  '/message/edit': ['Chat', 'Message', 'MessageID'],
  '/message/download/image': ['MediaKey', 'Mimetype', 'FileSHA256'],
  '/message/download/video': ['MediaKey', 'Mimetype', 'FileSHA256'],
  '/message/download/document': ['MediaKey', 'Mimetype', 'FileSHA256'],
  '/message/download/audio': ['MediaKey', 'Mimetype', 'FileSHA256'],
  '/message/download/sticker': ['MediaKey', 'Mimetype', 'FileSHA256'],
  '/chat/pin': ['Chat'],
  '/chat/unpin': ['Chat'],
  '/chat/archive': ['Chat'],
  '/chat/mute': ['Chat'],
  '/chat/typing/start': ['Jid'],
  '/chat/typing/stop': ['Jid'],
  '/chat/delete': ['Phone'],
  '/chat/read': ['Phone'],
  '/chat/unread': ['Phone'],
  '/chat/recording/start': ['Jid'],
  '/chat/recording/stop': ['Jid'],
  '/chat/disappearing-timer': ['phone', 'timer'],
  '/send/template': ['Phone', 'Content', 'Buttons'],
  '/send/buttons': ['Phone', 'Content', 'Buttons'],
  '/send/mediabutton': ['Phone', 'Content', 'Buttons', 'Type', 'Media'],
  '/send/mediaurl': ['Jid', 'Url', 'Type'],
  '/send/list': ['Phone', 'ButtonText', 'Desc', 'List'],
  '/send/preview': ['Phone', 'Text', 'MatchedURL', 'Title', 'Image'],
  '/send/preview2': ['Phone', 'Text', 'MatchedURL', 'Title', 'Image'],
  '/send/groupinvite': ['Phone', 'Text', 'MatchedText', 'Title'],
  '/send/locationbutton': ['Phone', 'Body'],
  '/send/pixbutton': ['Phone', 'Body', 'PixKey'],
  '/send/reviewpay': ['Phone', 'Body', 'PixKey'],
  '/send/carousel': ['phone', 'carousel'],
  '/send/carouselmedia': ['phone', 'carousel'],
  '/bot/message': ['Body'],
  '/status/text': ['Text'],
  '/status/image': ['Image'],
  '/status/video': ['Video'],
  '/broadcast/listparticipants': ['ID'],
  '/business/update/desc': ['Desc'],
  '/business/update/address': ['Address'],
  '/business/update/email': ['Email'],
  '/business/catalog/create': ['Name', 'Images'],
  '/business/catalog/edit': ['Id'],
  '/business/catalog/info': ['Id'],
  '/business/catalog/delete': ['Id'],
  '/business/catalog/show': ['Id'],
  '/business/catalog/hide': ['Id'],
  '/business/order/details': ['OrderId', 'Token'],
  '/business/send/catalog': ['Phone', 'Text', 'MatchedText', 'Title'],
  '/group/info': ['GroupJID'],
  '/group/invitelink': ['GroupJID'],
  '/group/photo': ['GroupJID', 'Image'],
  '/group/name': ['GroupJID', 'Name'],
  '/group/create': ['GroupName', 'Participants'],
  '/group/update': ['GroupJID', 'ParticipantJID', 'Action'],
  '/group/join': ['Code'],
  '/group/leave': ['GroupId'],
  '/group/description': ['GroupJID', 'Description'],
  '/group/lock': ['GroupJID'],
  '/group/adminonly': ['GroupJID'],
  '/community/create': ['CommunityName'],
  '/community/add': ['CommunityJID', 'GroupJID'],
  '/community/remove': ['CommunityJID', 'GroupJID'],
  '/label/chat': ['Jid', 'LabelId'],
  '/label/message': ['Jid', 'LabelId', 'MessageId'],
  '/label/edit': ['LabelId', 'Name'],
  '/unlabel/chat': ['Jid', 'LabelId'],
  '/unlabel/message': ['Jid', 'LabelId', 'MessageId'],
  '/newsletter/create': ['Name'],
  '/newsletter/info': ['Jid'],
  '/newsletter/link': ['Key'],
  '/newsletter/subscribe': ['Jid'],
  '/newsletter/messages': ['Jid'],
  '/call/make': ['CallTo'],
  '/call/answer': ['CallID'],
  '/call/reject': ['CallID'],
  '/call/hangup': ['CallID'],
  '/call/play': ['CallID', 'AudioFile'],
  '/call/play/pause': ['CallID'],
  '/call/play/resume': ['CallID'],
  '/call/play/stop': ['CallID'],
  '/call/record': ['CallID'],
  '/call/record/stop': ['CallID'],
  '/call/webrtc/offer': ['callID', 'sdp'],
  '/call/webrtc/close': ['callID'],
}

/** Where the empty value says something (no webhook, no reaction, no description), or is one of too few (options). */
const mayBeEmpty = [
  '/send/poll Options',
  '/webhook WebhookURL',
  '/message/react Body',
  '/group/description Description',
  '/business/update/desc Desc',
  '/business/update/address Address',
  '/business/update/email Email',
]

/** Values that are none of the kind, by the kind of the printed one. */
const wrong: Record<string, unknown[]> = {
  string: [7, true, { a: 1 }],
  number: ['seven', true, { a: 1 }],
  boolean: ['true', 1, { a: 1 }],
  list: [7, { a: 1 }, [{ a: 1 }]],
  'list of objects': [7, { a: 1 }, ['text']],
  object: [7, 'text', true],
}

/** Lists that are printed empty, and hold objects. */
const ofObjects = ['/send/mediabutton Buttons', '/send/reviewpay Items']
/** What is written as a text, and may be a number as well. */
const alsoNumbers = ['/business/catalog/create Price', '/business/catalog/edit Price']

const EMPTY: Record<string, unknown> = { string: '', list: [], 'list of objects': [] }
const GROUP = '120363000000000000@g.us'
/** What stands for the names in the examples; nothing of it has to exist, because nothing is done. */
const standIns: Record<string, unknown> = {
  $image: 'data:image/jpeg;base64,AAAA',
  $address: 'https://example.com/a.jpg',
  $shop: '123456789',
  $group: GROUP,
  $other: GROUP,
  $unloved: GROUP,
  $community: GROUP,
}
const MEDIA = {
  Url: 'https://mmg.whatsapp.net/a',
  MediaKey: 'AAAA',
  Mimetype: 'a/b',
  FileEncSHA256: 'AAAA',
  FileSHA256: 'AAAA',
}

const bodies = new Map(
  examples.flatMap(({ request, body }) => {
    const isListed = typeof body === 'object' && body !== null && request.startsWith('POST ')
    return isListed ? [[request.slice('POST '.length), filled(body)] as const] : []
  }),
)
for (const path of Object.keys(required).filter((one) => one.startsWith('/message/download/')))
  bodies.set(path, { ...bodies.get(path), ...MEDIA })

// The printed list is empty, and that is refused before other fields are looked at.
bodies.set('/send/mediabutton', {
  ...bodies.get('/send/mediabutton'),
  Buttons: [{ id: '1', text: 'Yes' }],
})

const served = dialect.groups
  .flatMap(({ endpoints }) => endpoints)
  .filter(({ method, path }) => method === 'post' && bodies.has(path))
  .map(({ path }) => ({ path, body: bodies.get(path) ?? {} }))

const withWrongTypes = served.flatMap(({ path, body }) =>
  Object.entries(body).flatMap(([field, value]) =>
    othersThan(path, field, value).map((other) => ({ path, body: { ...body, [field]: other } })),
  ),
)
const withoutFields = served.flatMap(({ path, body }) =>
  (required[path] ?? []).map((field) => ({ path, field, body })),
)
const withEmptyFields = withoutFields.filter(
  ({ path, field, body }) => kindOf(body[field]) in EMPTY && !mayBeEmpty.includes(`${path} ${field}`),
)

function filled(body: object): Record<string, unknown> {
  return JSON.parse(JSON.stringify(body), (_key, value) => standIns[value] ?? value)
}

function kindOf(value: unknown): string {
  if (!Array.isArray(value)) return typeof value
  return typeof value[0] === 'object' ? 'list of objects' : 'list'
}

/** Values of other types than a field of a route takes. */
function othersThan(path: string, field: string, value: unknown): unknown[] {
  const name = `${path} ${field}`
  const others = wrong[ofObjects.includes(name) ? 'list of objects' : kindOf(value)] ?? []
  return alsoNumbers.includes(name) ? others.filter((other) => typeof other !== 'number') : others
}

let wago: Wago
beforeAll(async () => {
  wago = await Wago.start()
})
afterAll(() => wago.close())

async function ask(path: string, body: unknown) {
  const { token } = wago.user
  const { status, json } = await wago.request('POST', path, {
    token,
    headers: { admintoken: ADMIN_TOKEN },
    body,
  })
  return [status, json]
}

test.each(withWrongTypes)('$path cannot decode $body', async ({ path, body }) => {
  expect(await ask(path, body)).toEqual(refused('could not decode payload'))
})

describe.each(withoutFields)('$path without $field', ({ path, field, body }) => {
  test('is refused, whether it is absent or null', async () => {
    const { [field]: _left, ...others } = body

    expect(await ask(path, others)).toEqual(refused(`missing ${field} in payload`))
    expect(await ask(path, { ...body, [field]: null })).toEqual(refused(`missing ${field} in payload`))
  })
})

test.each(withEmptyFields)('$path with an empty $field names it', async ({ path, field, body }) => {
  expect(await ask(path, { ...body, [field]: EMPTY[kindOf(body[field])] })).toEqual(
    refused(`missing ${field} in payload`),
  )
})

test.each([
  ['/send/text', {}, 'missing Phone in payload'],
  ['/send/text', null, 'missing Phone in payload'],
  ['/send/text', { Body: '' }, 'missing Phone in payload'],
  ['/send/text', { Phone: 'Maria', Body: '' }, 'could not parse Phone'],
  ['/send/text', { Phone: '5511987654321@example.com', Body: 'Hi' }, 'could not parse Phone'],
  [
    '/send/poll',
    { Phone: '22222', Question: 'Colour?', MaxAnswer: 1, Options: ['red'] },
    'at least 2 options are required',
  ],
  ['/user/info', { Phone: '' }, 'missing Phone in payload'],
  ['/user/check', { Phone: '' }, 'missing Phone in payload'],
  ['/message/markread', { Id: '', Chat: '22222' }, 'missing Id in payload'],
  ['/message/markread', { Id: ['AABBCC11223344', ''], Chat: '22222' }, 'missing Id in payload'],
  ['/community/add', { CommunityJID: GROUP, GroupJID: '' }, 'missing GroupJID in payload'],
  ['/message/download/image', { ...MEDIA, Url: '' }, 'missing Url in payload'],
  ['/user/block', { Phone: GROUP }, 'Phone is not a person'],
  ['/group/info', { GroupJID: '5511987654321@s.whatsapp.net' }, 'GroupJID is not a group'],
  ['/newsletter/info', { Jid: GROUP }, 'Jid is not a channel'],
  [
    '/group/create',
    { GroupName: 'Family', Participants: ['22222', 'Maria'] },
    'could not parse Participants',
  ],
  ['/user/info', { Phone: ['22222', GROUP] }, 'could not parse Phone'],
])('%s with %j: "%s"', async (path, body, sentence) => {
  expect(await ask(path, body)).toEqual(refused(sentence))
})

test('a body that is refused does nothing at all', async () => {
  const GroupJID = await wago.newGroup('Before')

  await ask('/group/name', { GroupJID, Name: 7 })
  await ask('/webhook', { WebhookURL: 'ftp://example.com' })
  await ask('/session/connect', { Subscribe: ['Message'], Immediate: 'no' })

  expect((await wago.group(GroupJID)).subject).toBe('Before')
  expect((await wago.get('/webhook')).json.data).toMatchObject({ webhook: '' })
})

test('what a route does not know is ignored', async () => {
  const { Details } = (await wago.post('/send/text', { Phone: wago.contact, Body: 'Hi', Extra: {} })).json
    .data

  expect(Details).toBe('Sent')
  expect(await ask('/send/text', { Phone: '', Extra: 7 })).toEqual([
    400,
    failure(400, 'missing Phone in payload'),
  ])
})
