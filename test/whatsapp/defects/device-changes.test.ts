import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Companion, link, textOf } from '../../sandbox/companion.ts'
import { Stage } from './stage.ts'

// The library does not read the list of own devices in `account_sync`; the list it has cached decides who gets copies.
let stage: Stage
beforeAll(async () => {
  stage = await Stage.open()
})
afterAll(() => stage.close())

/** Links another device to the phone once its first one has written to somebody, and so knows the devices of both. */
function another(phone: string): Promise<Companion> {
  return link(stage.sandbox, { phone, name: phone })
}

/** Waits until the first device has acknowledged the notification of a kind. */
function told(phone: string, type: string): Promise<unknown> {
  const { jid } = stage.companionOf(phone)
  return stage.sandbox.server.stanzas.find(
    ({ direction, device, stanza }) =>
      direction === 'from-client' && device === jid && stanza.tag === 'ack' && stanza.attrs.type === type,
  )
}

test('the bare library sends no copy to a device of its own that was linked meanwhile', async () => {
  const bare = await stage.bare()
  const contact = stage.contact()
  await bare.sendText(contact.account.jid(), 'before')
  const second = await another(bare.phone)
  await told(bare.phone, 'account_sync')

  await bare.sendText(contact.account.jid(), 'after')

  await expect.poll(() => contact.messages.map(({ text }) => text)).toEqual(['before', 'after'])
  await stage.settles()
  expect(second.messages.map(textOf)).not.toContain('after')
  await second.close()
})

test('Parley sends it a copy', async () => {
  const user = await stage.user()
  const { account } = stage.contact()
  await stage.sendText(user, account.lidJid(), 'before')
  const second = await another(user.phone)
  await told(user.phone, 'account_sync')

  await stage.sendText(user, account.lidJid(), 'after')

  expect((await second.message('after')).key.fromMe).toBe(true)
  await second.close()
})

test("Parley believes a contact's new device also under the address that comes second", async () => {
  const user = await stage.user()
  const { account } = stage.contact()
  await stage.sendText(user, account.lidJid(), 'before')
  // Somebody who asked by LID is told from the LID: this is the form for those who asked by number.
  account.deviceListReadersBy.lid.clear()
  const { account: own } = stage.companionOf(user.phone)
  account.deviceListReadersBy['s.whatsapp.net'].add(own)

  const device = await another(account.phone)
  await told(user.phone, 'devices')
  await stage.sendText(user, account.lidJid(), 'after')

  expect((await device.message('after')).key.fromMe).toBe(false)
  await device.close()
})
