import { once } from 'node:events'
import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databaseKinds } from '../../helpers/database.ts'
import { dataUrl, picture } from '../../helpers/media.ts'
import { done, failure, refused, success, Wago } from './wago.ts'

const NOBODY = '5511900000099'

describe.each(databaseKinds)('on %s', (database) => {
  let wago: Wago
  let image: string
  beforeAll(async () => {
    wago = await Wago.start({ database })
    image = dataUrl('image/jpeg', await picture('jpeg'))
  })
  afterAll(() => wago.close())

  /** Unlike `fetch`, sends a body with a GET. */
  async function getWithBody(path: string, body: unknown): Promise<unknown> {
    const written = JSON.stringify(body)
    const headers = { token: wago.user.token, 'content-length': Buffer.byteLength(written) }
    const sent = request(`${wago.app.url}/wago${path}`, { headers }).end(written)
    const [response] = await once(sent, 'response')
    return JSON.parse(await text(response))
  }

  async function lidOf(phone: string): Promise<string> {
    const { accounts } = await wago.app.sandbox('GET', '/state')
    return accounts.find((account: { phone: string }) => account.phone === phone).lid
  }

  describe('/user/info', () => {
    test('describes people by their JID', async () => {
      const [status, json] = await wago.call('/user/info', { Phone: [wago.contact, NOBODY] })

      expect(status).toBe(200)
      expect(json.data.Users[wago.contactJid]).toEqual({
        Devices: [wago.contactJid],
        LID: await lidOf(wago.contact),
        PictureID: '',
        Status: expect.any(String),
        VerifiedName: null,
      })
    })

    test('takes one number as a text', async () => {
      const [, { data }] = await wago.call('/user/info', { phone: `+${wago.contact}` })

      expect(Object.keys(data.Users)).toEqual([wago.contactJid])
    })
  })

  describe('/user/check', () => {
    test('tells who is on WhatsApp, in the order asked', async () => {
      expect(await wago.call('/user/check', { Phone: [NOBODY, wago.contact] })).toEqual([
        200,
        success({
          Users: [
            { Query: NOBODY, IsInWhatsapp: false, JID: expect.any(String), VerifiedName: '' },
            { Query: wago.contact, IsInWhatsapp: true, JID: wago.contactJid, VerifiedName: '' },
          ],
        }),
      ])
    })

    test('tells the name of a business', async () => {
      const shop = await wago.app.contact('5511900000098')
      await wago.app.sandbox('POST', `/contacts/${shop}/business`, { name: 'Corner Shop' })

      const [, { data }] = await wago.call('/user/check', { Phone: shop })

      expect(data.Users).toMatchObject([{ IsInWhatsapp: true, VerifiedName: 'Corner Shop' }])
    })
  })

  describe('pictures', () => {
    test('are set, and shown large and small', async () => {
      const [status, { data }] = await wago.call('/user/profile', { Image: image })
      expect([status, data]).toEqual([200, { Details: 'Profile picture set', PictureID: expect.any(String) }])
      expect((await wago.account()).picture).toBe(data.PictureID)

      const own = await wago.get('/user/avatar')
      const small = await wago.call('/user/avatar', { Phone: wago.ownJid, Preview: true })

      expect(own.json.data).toEqual({
        URL: expect.stringMatching(/^https?:/),
        ID: data.PictureID,
        Type: 'image',
        DirectPath: expect.stringMatching(/^\//),
      })
      expect(small[1].data).toMatchObject({ Type: 'preview' })
    })

    test('are asked for in the query, too', async () => {
      const { json } = await wago.get(`/user/avatar?Phone=${wago.user.phone}&Preview=true`)

      expect(json.data.Type).toBe('preview')
    })

    test('are asked for in the body of a GET, which the document tells of', async () => {
      const asked = (body: unknown) => getWithBody('/user/avatar', body)

      expect(await asked({ Phone: wago.user.phone, Preview: true })).toMatchObject({
        data: { Type: 'preview' },
      })
      expect(await asked({ phone: wago.contact })).toEqual(
        failure(500, 'that user or group does not have a profile picture'),
      )
      expect(await asked({ Phone: 7 })).toEqual(failure(400, 'could not decode payload'))
    })

    test('are not there for everybody', async () => {
      expect(await wago.call('/user/avatar', { Phone: wago.contact, Preview: false })).toEqual([
        500,
        failure(500, 'that user or group does not have a profile picture'),
      ])
      expect((await wago.get(`/user/avatar?Phone=${wago.contact}`)).json).toEqual(
        failure(500, 'that user or group does not have a profile picture'),
      )
    })

    test.each([
      ['data:image/jpeg;base64,Akd9300...', 'could not decode base64 encoded data from payload'],
      ['data:image/jpeg;base64,AAAA', expect.stringMatching(/^could not decode image/)],
    ])('cannot be made of %s', async (Image, sentence) => {
      const before = (await wago.account()).picture

      expect(await wago.call('/user/profile', { Image })).toEqual(refused(sentence))
      expect((await wago.account()).picture).toBe(before)
    })
  })

  test('/user/contacts lists whom the session knows by name, and keeps to the session', async () => {
    const other = await wago.app.linkedUser({ events: '' })
    const ann = await wago.app.contact('5511900000097', { name: 'Ann' })
    await wago.app.sandbox('POST', `/contacts/${ann}/send`, { to: wago.user.phone, text: 'It is me' })
    const known = async (token: string) =>
      (await wago.get('/user/contacts', token)).json.data[`${ann}@s.whatsapp.net`]

    await expect
      .poll(() => known(wago.user.token))
      .toEqual({
        Found: true,
        FirstName: '',
        FullName: '',
        PushName: 'Ann',
        BusinessName: '',
        RedactedPhone: '',
      })
    expect(await known(other.token)).toBeUndefined()
  })

  test('/user/privacy shows the settings', async () => {
    expect((await wago.get('/user/privacy')).json.data).toMatchObject({
      GroupAdd: 'all',
      LastSeen: 'all',
      Status: 'all',
      Profile: 'all',
      ReadReceipts: 'all',
      CallAdd: 'all',
      Online: 'all',
    })
  })

  describe('/user/block and /user/unblock', () => {
    const blocked = async () => (await wago.get('/user/blocklist')).json.data.JIDs

    test('put people on the list and take them off', async () => {
      expect(await wago.call('/user/block', { Phone: wago.contact })).toEqual(done('Contact blocked'))
      expect((await wago.account()).blocked).toEqual([wago.contact])
      expect((await wago.get('/user/blocklist')).json).toEqual(
        success({ DHash: expect.any(String), JIDs: [expect.stringContaining('@')] }),
      )

      expect(await wago.call('/user/unblock', { Phone: wago.contactJid })).toEqual(done('Contact unblocked'))
      expect((await wago.account()).blocked).toEqual([])
      expect(await blocked()).toEqual([])
    })
  })

  test('/user/name renames the account', async () => {
    expect(await wago.call('/user/name', { Name: 'John Doe' })).toEqual(done('Profile name updated'))

    const name = async () => {
      const { accounts } = await wago.app.sandbox('GET', '/state')
      return accounts.find(({ phone }: { phone: string }) => phone === wago.user.phone).name
    }
    await expect.poll(name).toBe('John Doe')
    expect((await wago.arrives('/send/text', { Body: 'Hi' })).attributes.notify).toBe('John Doe')
  })

  describe('/user/presence', () => {
    const shown = (type: string) =>
      wago.observed(({ tag, attrs }) => tag === 'presence' && (attrs.type ?? 'available') === type)

    test('shows the account online and offline', async () => {
      await wago.app.sandbox('POST', `/contacts/${wago.contact}/presence`, { subscribe: wago.ownJid })

      expect(await wago.call('/user/presence', { Presence: 'available' })).toEqual(done('Presence sent'))
      await shown('available')

      expect(await wago.call('/user/presence', { Presence: 'unavailable' })).toEqual(done('Presence sent'))
      await shown('unavailable')
    })

    test('refuses other words', async () => {
      expect(await wago.call('/user/presence', { Presence: 'away' })).toEqual(
        refused('Presence must be available or unavailable'),
      )
    })
  })

  describe('/user/parselid', () => {
    test('gives the number of a LID that the session has met', async () => {
      await wago.hears({ text: 'Hello' })
      const lid = await lidOf(wago.contact)

      for (const LID of [lid, lid.replace('@lid', ''), lid.replace('@', ':3@')])
        expect(await wago.call('/user/parselid', { LID })).toEqual([
          200,
          success({ LID: lid, JID: wago.contactJid }),
        ])
    })

    test.each([
      [{ LID: 'Maria' }, 'could not parse LID'],
      [{ LID: '5511987654321@s.whatsapp.net' }, 'could not parse LID'],
    ])('refuses %j', async (body, sentence) => {
      expect(await wago.call('/user/parselid', body)).toEqual(refused(sentence))
    })

    test('knows nothing of others', async () => {
      expect(await wago.call('/user/parselid', { LID: '123456789@lid' })).toEqual([
        500,
        failure(500, 'no phone number is known for this LID'),
      ])
    })
  })

  describe('/contact/add and /contact/remove', () => {
    const entry = () => wago.setting('contact', wago.contactJid)
    const names = async () => (await wago.get('/user/contacts')).json.data[wago.contactJid]

    test('put a name into the address book and take it out', async () => {
      const added = await wago.call('/contact/add', {
        Phone: wago.contact,
        FirstName: 'John',
        FullName: 'John Doe',
        SaveOnBook: true,
      })
      expect(added).toEqual(done('Contact added'))
      expect((await entry()).contactAction).toMatchObject({
        firstName: 'John',
        fullName: 'John Doe',
        saveOnPrimaryAddressbook: true,
      })
      await expect.poll(names).toMatchObject({ FirstName: 'John', FullName: 'John Doe' })

      expect(await wago.call('/contact/remove', { Phone: wago.contact })).toEqual(done('Contact removed'))
      expect((await entry()).contactAction).toEqual({})
      await expect.poll(names).toMatchObject({ FirstName: '', FullName: '', PushName: 'Maria' })
    })

    test('leave the address book of the phone alone unless told otherwise', async () => {
      await wago.call('/contact/add', { phone: wago.contact, fullname: 'Maria Silva' })

      expect((await entry()).contactAction).toMatchObject({ fullName: 'Maria Silva' })
      expect((await entry()).contactAction.saveOnPrimaryAddressbook ?? false).toBe(false)
    })
  })
})
