import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LinkedUser, TestApp } from '../helpers/app.ts'
import { databaseKinds } from '../helpers/database.ts'

describe.each(databaseKinds)('the address book on %s', (database) => {
  let app: TestApp
  let user: LinkedUser
  const contact = '573001234567'
  const jid = `${contact}@s.whatsapp.net`
  const john = { Phone: contact, FirstName: 'John', FullName: 'John Doe' }

  beforeAll(async () => {
    app = await TestApp.start({ database })
    user = await app.linkedUser()
    await app.contact(contact, { name: 'johnny' })
  })
  afterAll(() => app.close())

  const names = async () => (await app.get('/wago/user/contacts', user.token)).json.data[jid]
  const called = (first: string, full: string) =>
    app.waitFor(`the name ${full}`, async () => {
      const known = await names()
      return known?.FirstName === first && known.FullName === full
    })

  test('knows somebody who was put into it by both names', async () => {
    expect((await app.post('/wago/contact/add', user.token, john)).status).toBe(200)

    await called('John', 'John Doe')
  })

  test('forgets somebody who was taken out of it, and learns the same name again', async () => {
    await app.post('/wago/contact/add', user.token, john)
    await called('John', 'John Doe')

    expect((await app.post('/wago/contact/remove', user.token, { Phone: contact })).status).toBe(200)
    await called('', '')

    await app.post('/wago/contact/add', user.token, john)
    await called('John', 'John Doe')
  })
})
