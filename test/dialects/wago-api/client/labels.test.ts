import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TestUser } from '../../../helpers/app.ts'
import { databaseKinds } from '../../../helpers/database.ts'
import { Wago } from '../wago.ts'

describe.each(databaseKinds)('on %s', (database) => {
  let wago: Wago
  /** Another session linked to the same phone. */
  let twin: TestUser
  const second = '491711111112'
  beforeAll(async () => {
    wago = await Wago.start({ database })
    await wago.app.contact(second)
    twin = await wago.app.createUser({ name: 'twin' })
    await linkTwin(wago.user.phone)
  })
  afterAll(() => wago.stop())

  /** Connects the other session and has a phone scan its code. */
  async function linkTwin(phone: string) {
    await wago.app.post('/session/connect', twin.token, { Immediate: true })
    const session = () => wago.app.parley.services.sessions.find(twin.id)
    const qr = await wago.app.waitFor('a QR code', () => session()?.status.qr)
    await wago.app.sandbox('POST', '/scan', { qr, phone, name: 'Own phone' })
    await wago.app.waitFor('the session to open', () => session()?.status.loggedIn)
  }

  const accepted = [200, { success: true }]

  async function call(path: string, body: unknown) {
    const { status, json } = await wago.call(`/client/${path}/main`, body)
    return [status, json]
  }

  async function labels(session = 'main') {
    const { json } = await wago.call(`/client/getLabels/${session}`)
    return json.labels
  }

  /** Whether the phone knows a label on a chat. */
  async function isLabeled(labelId: string, phone: string): Promise<boolean> {
    const { settings } = await wago.app.sandbox('GET', `/contacts/${wago.user.phone}/settings`)
    const index = ['label_jid', labelId, `${phone}@s.whatsapp.net`].join()
    const found = settings.find((one: { index: string[] }) => one.index.join() === index)
    return found?.value.labelAssociationAction.labeled ?? false
  }

  test('labels are made, changed in part and deleted, for every device of the account', async () => {
    expect(await call('editLabel', { labelId: '5', name: 'VIP', color: 2 })).toEqual(accepted)
    await expect.poll(() => labels()).toEqual([{ id: '5', name: 'VIP', color: 2 }])
    await expect.poll(() => labels('twin')).toEqual([{ id: '5', name: 'VIP', color: 2 }])

    expect(await call('editLabel', { labelId: '5', color: 7 })).toEqual(accepted)
    await expect.poll(() => labels()).toEqual([{ id: '5', name: 'VIP', color: 7 }])

    expect(await call('editLabel', { labelId: '5', deleted: true })).toEqual(accepted)
    await expect.poll(() => labels()).toEqual([])
    await expect.poll(() => labels('twin')).toEqual([])
  })

  test('labels go on several chats and come off', async () => {
    const chatIds = [wago.contactJid, second]

    expect(await call('addOrRemoveLabels', { labelIds: ['1', '2'], chatIds, chatId: '' })).toEqual(accepted)
    for (const labelId of ['1', '2'])
      for (const phone of [wago.contact, second]) expect(await isLabeled(labelId, phone)).toBe(true)

    await call('addOrRemoveLabels', { labelIds: ['1'], chatIds, action: 'remove' })
    expect(await isLabeled('1', wago.contact)).toBe(false)
    expect(await isLabeled('1', second)).toBe(false)
    expect(await isLabeled('2', second)).toBe(true)
  })

  test('one label and one chat may be named as such', async () => {
    const one = { labelId: '3', chatId: wago.contact }

    expect(await call('addOrRemoveLabels', { ...one, add: true })).toEqual(accepted)
    expect(await isLabeled('3', wago.contact)).toBe(true)
    expect(await call('addOrRemoveLabels', { ...one, add: false })).toEqual(accepted)
    expect(await isLabeled('3', wago.contact)).toBe(false)
  })

  test('labels go with the account', async () => {
    await call('editLabel', { labelId: '8', name: 'Paid' })
    await expect.poll(() => labels('twin')).toContainEqual({ id: '8', name: 'Paid', color: 0 })
    await wago.app.post('/session/logout', twin.token)
    await linkTwin('491711111113')

    await expect.poll(() => labels('twin')).toEqual([])
    expect(await labels()).toContainEqual({ id: '8', name: 'Paid', color: 0 })
  })
})
