import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LinkedUser } from '../../helpers/app.ts'
import { picture } from '../../helpers/media.ts'
import { failure, Wago } from './wago.ts'

let wago: Wago
let other: LinkedUser
const stranger = '491719999999'
beforeAll(async () => {
  wago = await Wago.start()
  other = await wago.app.linkedUser({ name: 'other' })
  const text = { to: wago.user.phone, text: 'Hello' }
  await wago.app.sandbox('POST', `/contacts/${wago.contact}/send`, text)
})
afterAll(() => wago.stop())

async function call(path: string, body?: unknown, session = 'main') {
  const { status, json } = await wago.call(`/contact/${path}/${session}`, body)
  return [status, json]
}

/** The LID of the contact, which the sandbox knows. */
async function contactLid() {
  const { accounts } = await wago.app.sandbox('GET', '/state')
  return accounts.find(({ phone }: { phone: string }) => phone === wago.contact).lid
}

const result = (value: unknown) => [200, { success: true, result: value }]

describe('blocking', () => {
  test.each([
    ['a number', async () => wago.contact],
    ['a JID', async () => wago.contactJid],
    ['a LID', contactLid],
  ])('takes %s', async (_, idOf) => {
    const contactId = await idOf()
    const blocked = async () =>
      (await wago.app.sandbox('GET', `/contacts/${wago.user.phone}/account`)).blocked

    expect(await call('block', { contactId })).toEqual(result(true))
    expect(await blocked()).toEqual([wago.contact])
    expect(await call('unblock', { contactId })).toEqual(result(true))
    expect(await blocked()).toEqual([])
  })

  test('needs to know whose a LID is', async () => {
    const unknown = [500, failure('could not resolve phone-number JID for LID 77777@lid')]

    expect(await call('block', { contactId: '77777@lid' })).toEqual(unknown)
    expect(await call('unblock', { contactId: '77777@lid' })).toEqual(unknown)
  })
})

test('a picture is found once there is one', async () => {
  expect(await call('getProfilePicUrl', { contactId: other.phone })).toEqual(result(null))

  const pictureData = (await picture('jpeg')).toString('base64')
  await wago.call('/client/setProfilePicture/other', { pictureData })

  expect(await call('getProfilePicUrl', { contactId: other.phone })).toEqual(
    result(expect.stringMatching(/^https?:/)),
  )
})

test('the about text of a person is told unless it is hidden', async () => {
  await wago.app.sandbox('POST', '/contacts', { phone: wago.contact, name: 'Ann', about: 'At sea' })
  await wago.call('/privacy/setSetting/other', { name: 'status', value: 'none' })

  expect(await call('getAbout', { contactId: wago.contact })).toEqual(result('At sea'))
  expect(await call('getAbout', { contactId: stranger })).toEqual(result(null))
  expect(await call('getAbout', { contactId: other.phone })).toEqual(result(null))
})

test('the chat of a person carries the name the account knows', async () => {
  await expect
    .poll(() => call('getChat', { contactId: wago.contact }))
    .toEqual(result({ id: wago.contactJid, name: 'Ann' }))
  expect(await call('getChat', { contactId: stranger })).toEqual(
    result({ id: `${stranger}@s.whatsapp.net`, name: '' }),
  )
})

test.each([
  [{ contactId: '5511999999999@s.whatsapp.net' }],
  [{ contactId: '5511999999999' }],
  [{ contactId: '', number: '+55 11 99999-9999' }],
])('%j is a number of Brazil', async (body) => {
  expect(await call('getFormattedNumber', body)).toEqual(result('+55 11 99999-9999'))
  expect(await call('getCountryCode', body)).toEqual(result('55'))
})

test('a LID has the number of its person, if that is known', async () => {
  const contactId = await contactLid()

  expect(await call('getCountryCode', { contactId })).toEqual(result('49'))
  expect(await call('getFormattedNumber', { contactId })).toEqual(result('+49 171 1234567'))
  expect(await call('getCountryCode', { contactId: '77777@lid' })).toEqual([
    404,
    failure('the phone number of 77777@lid is not known'),
  ])
})

test('groups are in common when both are members', async () => {
  const participants = [wago.user.phone, wago.contact]
  const { jid } = await wago.app.sandbox('POST', '/groups', { subject: 'Both', participants })

  expect(await call('getCommonGroups', { contactId: wago.contact })).toEqual(result([jid]))
  expect(await call('getCommonGroups', { contactId: await contactLid() })).toEqual(result([jid]))
  expect(await call('getCommonGroups', { contactId: stranger })).toEqual(result([]))
})

describe('the contact link', () => {
  test('stays the same until it is revoked', async () => {
    const [status, first] = await call('getQRLink', {})
    const [, again] = await call('getQRLink')
    const [, renewed] = await call('getQRLink', { revoke: true })
    const [, later] = await call('getQRLink', { revoke: false })

    expect(status).toBe(200)
    expect(first.result).toMatch(/^https:\/\/wa\.me\/qr\/\w+$/)
    expect(again).toEqual(first)
    expect(renewed.result).not.toBe(first.result)
    expect(later).toEqual(renewed)
    expect(await call('resolveQR', { code: first.result }, 'other')).toEqual([
      404,
      failure('Contact QR link not found'),
    ])
  })

  test('leads to its owner, as a link and as a code', async () => {
    const [, { result: link }] = await call('getQRLink', {})
    const code = link.replace('https://wa.me/qr/', '')
    const owner = result({ jid: wago.ownJid, type: 'contact', pushName: 'Own phone' })

    for (const one of [link, code, `wa.me/qr/${code}`, `https://api.whatsapp.com/qr/${code}?x=1`])
      expect(await call('resolveQR', { code: one }, 'other')).toEqual(owner)
  })

  test('refuses a yes that is none', async () => {
    expect(await call('getQRLink', { revoke: 'yes' })).toEqual([400, failure('Invalid request body')])
  })
})
