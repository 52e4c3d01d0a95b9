import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bare } from '../../src/lib/jid.ts'
import {
  postImageStatus,
  postTextStatus,
  postVideoStatus,
} from '../../src/operations/messages/post-status.ts'
import { sendText } from '../../src/operations/messages/send.ts'
import { Peer } from '../../src/sandbox/peer/peer.ts'
import type { StatusAudience } from '../../src/sandbox/world/account.ts'
import { children } from '../../src/sandbox/world/node.ts'
import { sampleFile } from '../../src/sandbox/world/samples.ts'
import { keepContacts } from '../../src/store/contacts.ts'
import type { LiveSession } from '../../src/whatsapp/session/session.ts'
import { child } from '../../src/whatsapp/wire/node.ts'
import type { LinkedUser } from '../helpers/app.ts'
import { dataUrl, picture } from '../helpers/media.ts'
import { readBy, Stage } from '../whatsapp/defects/stage.ts'
import { shown } from './arrivals.ts'

let stage: Stage
let user: LinkedUser
let session: LiveSession
let ada: Peer
let bob: Peer
let carol: Peer
let stranger: Peer
beforeAll(async () => {
  stage = await Stage.open()
  user = await stage.user()
  session = stage.app.parley.services.sessions.live(user.id)
  ada = stage.contact()
  bob = stage.contact()
  carol = stage.contact()
  stranger = stage.contact()
  // Known by number, by LID, and by both; whoever only wrote once is in no address book.
  await know(ada.account.jid(), 'Ada')
  await know(bob.account.lidJid(), 'Bob')
  await know(carol.account.jid(), 'Carol')
  await know(carol.account.lidJid(), 'Carol')
  await know(stranger.account.jid(), '')
  await know('15550009999@s.whatsapp.net', 'Not on WhatsApp')
})
afterAll(() => stage.close())

async function know(jid: string, fullName: string): Promise<void> {
  const { db } = stage.app.parley.services
  const names = { firstName: '', pushName: 'Somebody', businessName: '' }
  await keepContacts(db, user.id, [{ jid, fullName, ...names }])
}

function ownPhone(): Peer {
  const phone = stage.sandbox.network.findDevice(`${user.phone}@s.whatsapp.net`)
  if (!(phone instanceof Peer)) throw new Error('phones are scripted')
  return phone
}

function choose(...audiences: StatusAudience[]): void {
  ownPhone().account.statusAudiences = audiences
}

/** Posts a text; tells who of these has got it when the own phone has. */
async function readers(text: string): Promise<string[]> {
  await postTextStatus(session, { text })
  await expect.poll(() => readBy(ownPhone())).toContain(text)
  await stage.settles()
  const people = { ada, bob, carol, stranger }
  return Object.entries(people).flatMap(([name, peer]) => (readBy(peer).includes(text) ? [name] : []))
}

describe('a status is for', () => {
  test('everybody in the address book until somebody chooses', async () => {
    choose()

    expect(await readers('for contacts by default')).toEqual(['ada', 'bob', 'carol'])
  })

  test('everybody in the address book', async () => {
    choose({ type: 'contacts', list: [] }, { type: 'whitelist', list: [ada.account] })

    expect(await readers('for contacts')).toEqual(['ada', 'bob', 'carol'])
  })

  test('all but some', async () => {
    choose({ type: 'blacklist', list: [bob.account, carol.account] })

    expect(await readers('for all but two')).toEqual(['ada'])
  })

  test('some only', async () => {
    choose({ type: 'whitelist', list: [bob.account, stranger.account] })

    expect(await readers('for two')).toEqual(['bob', 'stranger'])
  })

  test('the own devices where it is for nobody else', async () => {
    choose({ type: 'whitelist', list: [] })

    expect(await readers('for nobody')).toEqual([])
  })
})

test('the keys of a status are encrypted for those alone who may see it, by LID', async () => {
  choose({ type: 'blacklist', list: [bob.account] })

  const { id } = await postTextStatus(session, { text: 'for whom' })

  const [entry] = stage.sandbox.server.stanzas.list(
    ({ stanza }) => stanza.tag === 'message' && stanza.attrs.id === id,
  )
  const addressed = children(child(entry?.stanza, 'participants')).map(({ attrs }) => bare(attrs.jid))
  const wanted = [ownPhone(), ada, carol].map(({ account }) => account.lidJid())
  expect(new Set(addressed)).toEqual(new Set(wanted))
})

test('a status is not posted when nobody says whom it is for', async () => {
  const fault = stage.sandbox.network.faults.inject(
    { kind: 'refuse-query', xmlns: 'status', code: 403, text: 'forbidden' },
    { times: 1 },
  )

  const posting = postTextStatus(session, { text: 'for whom?' })

  await expect(posting).rejects.toMatchObject({ details: { refusal: { by: 'iq', code: 403 } } })
  expect(fault.hits).toBe(1)
})

test('a status is not posted to everybody when the choice is of a kind that is not known', async () => {
  choose({ type: 'close_friends', list: [ada.account] })

  const posting = postTextStatus(session, { text: 'for friends' })

  await expect(posting).rejects.toMatchObject({ code: 'unsupported' })
  await stage.settles()
  expect(readBy(bob)).not.toContain('for friends')
  choose()
})

test('a status for more people than it can have is not posted', async () => {
  const crowded = await stage.user()
  const crowd = Array.from({ length: 5_001 }, (_, index) => ({
    jid: `${900_000_000_000_000 + index}@lid`,
    fullName: 'Somebody',
    firstName: '',
    pushName: '',
    businessName: '',
  }))
  await keepContacts(stage.app.parley.services.db, crowded.id, crowd)
  const other = stage.app.parley.services.sessions.live(crowded.id)

  const posting = postTextStatus(other, { text: 'for everybody' })

  await expect(posting).rejects.toMatchObject({
    code: 'invalid_field',
    message: expect.stringMatching(/ 50\d\d people/),
  })
})

test('whoever posts in any other way reaches the same people', async () => {
  choose({ type: 'whitelist', list: [ada.account] })

  await stage.sendText(user, 'status@broadcast', 'through a dialect')

  await expect.poll(() => readBy(ada)).toContain('through a dialect')
})

test('nothing is sent to a broadcast list of the phone, which WhatsApp would take for nobody', async () => {
  const to = `${ada.account.phone}@broadcast`

  const sending = sendText(session, { to, text: 'for a list' })

  await expect(sending).rejects.toMatchObject({ code: 'unsupported' })
  await stage.settles()
  expect(readBy(ownPhone())).not.toContain('for a list')
})

test('a text has colours and a font', async () => {
  choose()

  const { id } = await postTextStatus(session, {
    text: 'coloured',
    textColor: 4_294_967_295,
    backgroundColor: 4_285_408_638,
    font: 1,
  })

  expect((await shown(ada, id)).extendedTextMessage).toMatchObject({
    text: 'coloured',
    textArgb: 4_294_967_295,
    backgroundArgb: 4_285_408_638,
    font: 'SYSTEM_TEXT',
  })
})

test.each([
  [{ text: ' ' }, 'missing_field'],
  [{ text: 'a', textColor: -1 }, 'invalid_field'],
  [{ text: 'a', backgroundColor: 4_294_967_296 }, 'invalid_field'],
  [{ text: 'a', font: 5 }, 'invalid_field'],
])('a text is refused: %j', async (status, code) => {
  await expect(postTextStatus(session, status)).rejects.toMatchObject({ code })
})

test('pictures and videos are posted with their captions', async () => {
  choose()
  const video = await sampleFile('video')
  const image = { file: dataUrl('image/png', await picture('png')), caption: 'my day' }

  const { id: first } = await postImageStatus(session, image)
  const { id: second } = await postVideoStatus(session, {
    file: dataUrl(video.mimetype, video.bytes),
    caption: 'my night',
    thumbnail: Buffer.from([1, 2, 3]),
  })

  expect((await shown(ada, first)).imageMessage).toMatchObject({ caption: 'my day', width: 320 })
  expect((await shown(ada, second)).videoMessage).toMatchObject({
    caption: 'my night',
    jpegThumbnail: 'AQID',
  })
  expect(await ada.download(second)).toEqual(video.bytes)
})

test('what is no picture is not posted', async () => {
  const file = dataUrl('image/png', Buffer.from('text'))

  await expect(postImageStatus(session, { file })).rejects.toMatchObject({ code: 'media_unavailable' })
})
