import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  sendCatalogLink,
  sendGroupInvite,
  sendLinkPreview,
} from '../../src/operations/messages/send-links.ts'
import type { Peer } from '../../src/sandbox/peer/peer.ts'
import type { LiveSession } from '../../src/whatsapp/session/session.ts'
import { dataUrl, picture } from '../helpers/media.ts'
import { Stage } from '../whatsapp/defects/stage.ts'
import { shown } from './arrivals.ts'

let stage: Stage
let session: LiveSession
let contact: Peer
let photo: Buffer
beforeAll(async () => {
  stage = await Stage.open()
  session = stage.app.parley.services.sessions.live((await stage.user()).id)
  contact = stage.contact()
  photo = await picture('jpeg', [640, 640])
})
afterAll(() => stage.close())

function to() {
  return { to: contact.account.phone }
}

function sizeOf(base64: string) {
  return sharp(Buffer.from(base64, 'base64')).metadata()
}

describe('a card about a link', () => {
  const link = { text: 'see https://example.com/a now', link: 'https://example.com/a', title: 'Example' }

  test('says what it is told to say, beside a small picture', async () => {
    const image = dataUrl('image/jpeg', photo)

    const { id } = await sendLinkPreview(session, {
      ...to(),
      ...link,
      description: 'An example',
      image,
      form: 'link',
    })

    const { extendedTextMessage } = await shown(contact, id)
    expect(extendedTextMessage).toMatchObject({
      text: 'see https://example.com/a now',
      matchedText: 'https://example.com/a',
      title: 'Example',
      description: 'An example',
    })
    expect(await sizeOf(extendedTextMessage.jpegThumbnail)).toMatchObject({ format: 'jpeg', width: 192 })
  })

  test('stands above the text in the form of an advertisement, and quotes', async () => {
    const quoted = { id: 'AB', participant: contact.account.jid() }
    const image = dataUrl('image/jpeg', photo)

    const { id } = await sendLinkPreview(session, {
      ...to(),
      ...link,
      text: 'without the link',
      description: 'An example',
      image,
      quoted,
      form: 'ad',
    })

    const { extendedTextMessage } = await shown(contact, id)
    const { externalAdReply, stanzaId } = extendedTextMessage.contextInfo
    expect(extendedTextMessage.matchedText).toBeUndefined()
    expect(stanzaId).toBe('AB')
    expect(externalAdReply).toMatchObject({
      title: 'Example',
      body: 'An example',
      sourceUrl: 'https://example.com/a',
      mediaType: 'IMAGE',
      renderLargerThumbnail: true,
    })
    expect(await sizeOf(externalAdReply.thumbnail)).toMatchObject({ format: 'jpeg', width: 480 })
  })

  test('needs no picture', async () => {
    const { id } = await sendLinkPreview(session, { ...to(), ...link, form: 'link' })

    const { extendedTextMessage } = await shown(contact, id)
    expect(extendedTextMessage).toMatchObject({ title: 'Example' })
    expect(extendedTextMessage.jpegThumbnail).toBeUndefined()
  })

  test.each([
    ['a link that is not in the text', { link: 'https://other.example/' }, 'a part of the text'],
    ['no address', { link: 'javascript:alert(1)', form: 'ad' } as const, 'no http(s) address'],
    ['no data URL', { image: 'nonsense' }, 'data URL'],
  ])('is refused with %s', async (_what, change, sentence) => {
    const sending = sendLinkPreview(session, { ...to(), ...link, form: 'link', ...change })

    await expect(sending).rejects.toMatchObject({
      code: 'invalid_field',
      message: expect.stringContaining(sentence),
    })
  })

  test('is refused with what is no picture', async () => {
    const image = dataUrl('image/png', Buffer.from('text'))

    const sending = sendLinkPreview(session, { ...to(), ...link, form: 'link', image })

    await expect(sending).rejects.toMatchObject({
      code: 'media_unavailable',
      details: { stage: 'thumbnail' },
    })
  })
})

describe('an invitation to a group', () => {
  async function invitation() {
    const creator = stage.contact()
    const group = stage.sandbox.network.createGroup({ subject: 'Club', creator: creator.account })
    return { group, link: `https://chat.whatsapp.com/${group.inviteCode}` }
  }

  test('shows the picture of the group', async () => {
    const { group, link } = await invitation()
    group.picture = { id: '1', jpeg: photo }

    const { id } = await sendGroupInvite(session, { ...to(), text: `join ${link}`, link, title: 'Club' })

    const { extendedTextMessage } = await shown(contact, id)
    expect(extendedTextMessage).toMatchObject({
      text: `join ${link}`,
      matchedText: link,
      title: 'Club',
      inviteLinkGroupTypeV2: 'DEFAULT',
    })
    expect(await sizeOf(extendedTextMessage.jpegThumbnail)).toMatchObject({ format: 'jpeg', width: 192 })
  })

  test.each([
    ['has none', async () => (await invitation()).link],
    ['is gone', async () => 'https://chat.whatsapp.com/AAAAAAAAAAAAAAAAAAAAAA'],
  ])('goes out without it when the group %s', async (_what, linkOf) => {
    const link = await linkOf()

    const { id } = await sendGroupInvite(session, { ...to(), text: link, link, title: 'Club' })

    const { extendedTextMessage } = await shown(contact, id)
    expect(extendedTextMessage.jpegThumbnail).toBeUndefined()
  })

  test('is a link of a group', async () => {
    const link = 'https://example.com/AAAAAAAAAAAAAAAAAAAAAA'

    const sending = sendGroupInvite(session, { ...to(), text: link, link, title: 'Club' })

    await expect(sending).rejects.toMatchObject({ code: 'invalid_field' })
  })
})

describe('a link to a catalogue', () => {
  test('shows the picture of the business', async () => {
    const business = stage.contact().account
    business.picture = { id: '1', jpeg: photo }
    const link = `https://wa.me/c/${business.phone}`

    const { id } = await sendCatalogLink(session, { ...to(), text: `buy at ${link}`, link, title: 'Shop' })

    const { extendedTextMessage } = await shown(contact, id)
    expect(extendedTextMessage).toMatchObject({ matchedText: link, title: 'Shop' })
    expect(extendedTextMessage.jpegThumbnail).toEqual(expect.any(String))
  })

  test('of somebody unknown goes out without a picture', async () => {
    const link = 'wa.me/c/15550000000'

    const { id } = await sendCatalogLink(session, { ...to(), text: link, link, title: 'Shop' })

    expect((await shown(contact, id)).extendedTextMessage.jpegThumbnail).toBeUndefined()
  })

  test('is a link of a catalogue', async () => {
    const link = 'https://wa.me/15550000000'

    const sending = sendCatalogLink(session, { ...to(), text: link, link, title: 'Shop' })

    await expect(sending).rejects.toMatchObject({ code: 'invalid_field' })
  })
})
