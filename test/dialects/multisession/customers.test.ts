import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { markRemoved } from '../../../src/store/users/removals.ts'
import { databaseKinds } from '../../helpers/database.ts'
import { Multisession } from './multisession.ts'

describe.each(databaseKinds)('a customer on %s', (database) => {
  let server: Multisession
  beforeAll(async () => {
    server = await Multisession.start({ database })
  })
  afterAll(() => server.close())

  test('is deleted although one of its devices is still being deleted', async () => {
    const { db, secrets } = server.app.parley.services
    const customer = await server.customer()
    const { userId } = await server.newDevice(customer)
    await server.newDevice(customer)
    await markRemoved(db, secrets, userId, { files: false, now: Date.now() })

    const { status } = await server.admin('DELETE', `/admin/api-keys/${customer.id}`)

    expect(status).toBe(200)
    expect((await server.admin('GET', `/admin/api-keys/${customer.id}`)).status).toBe(404)
    expect(await db('users').select('id', 'customer_id')).toEqual([{ id: userId, customer_id: null }])
  })

  test('is deleted once by several who do it at the same time, also while it gets devices', async () => {
    const customer = await server.customer()
    const path = `/admin/api-keys/${customer.id}`
    for (let device = 0; device < 5; device++) await server.newDevice(customer)

    const deletions = Array.from({ length: 4 }, () => server.admin('DELETE', path))
    const creations = Array.from({ length: 4 }, async () => {
      await server.admin('PATCH', path, { is_active: true })
      return server.create(customer)
    })
    const answers = await Promise.all(deletions)
    await Promise.all(creations)

    for (const { status } of answers) expect([200, 404]).toContain(status)
    expect((await server.admin('GET', path)).status).toBe(404)
    expect(await server.app.parley.services.db('users').where({ customer_id: customer.id })).toEqual([])
  })

  test('keeps what a change leaves blank', async () => {
    const { id } = await server.customer({ customer_name: 'Acme' })
    await server.admin('PATCH', `/admin/api-keys/${id}`, { customer_name: ' ', customer_email: '\t' })

    expect((await server.admin('GET', `/admin/api-keys/${id}`)).json.data).toMatchObject({
      customer_name: 'Acme',
      customer_email: 'customer@example.com',
    })
  })
})
