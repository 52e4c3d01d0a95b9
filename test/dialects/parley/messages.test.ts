import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LinkedUser, TestApp } from '../../helpers/app.ts'

describe('the way of a sent message', () => {
  const contact = '447900000501'
  let app: TestApp
  let user: LinkedUser

  beforeAll(async () => {
    app = await TestApp.start()
    user = await app.linkedUser()
    await app.contact(contact)
  })
  afterAll(() => app.close())

  const progress = async (id: string) => (await app.get(`/parley/me/messages/${id}`, user.token)).json
  const reaches = (id: string, status: string) =>
    app.waitFor(status, async () => {
      const message = await progress(id)
      return message.status === status && message
    })
  const send = async (phone: string, id: string) =>
    app.post('/chat/send/text', user.token, { Phone: phone, Body: 'how far?', Id: id })

  test('is told step by step', async () => {
    await send(contact, 'STEPS')
    const delivered = await reaches('STEPS', 'delivered')
    await app.sandbox('POST', `/contacts/${contact}/receipt`, { ids: ['STEPS'], type: 'read' })

    const read = await reaches('STEPS', 'read')

    expect(delivered).toMatchObject({ id: 'STEPS', userId: user.id, sentAt: expect.any(Number) })
    expect(read.readAt).toBeGreaterThanOrEqual(read.acceptedAt)
    expect(read).not.toHaveProperty('reason')
  })

  test('ends with the reason when WhatsApp refuses it', async () => {
    await app.sandbox('POST', '/faults', { kind: 'refuse-message', code: 463, times: 1 })
    const answer = await send(contact, 'REFUSED')

    const failed = await reaches('REFUSED', 'failed')

    expect(answer.json.error).toContain('463')
    expect(failed.reason).toMatch(/people it has not talked to.* \(463\)$/)
  })

  test('goes on when what was refused is sent again', async () => {
    await app.sandbox('POST', '/faults', { kind: 'refuse-message', code: 479, times: 1 })
    await send(contact, 'AGAIN')
    await reaches('AGAIN', 'failed')

    await send(contact, 'AGAIN')

    expect(await reaches('AGAIN', 'delivered')).not.toHaveProperty('reason')
  })

  test('ends when nobody has that number', async () => {
    const answer = await send('447900009999', 'NOBODY')

    const failed = await reaches('NOBODY', 'failed')

    expect(answer.status).toBe(200)
    expect(failed.reason).toMatch(/^not on WhatsApp/)
  })

  test('is the same for a recipient named by LID', async () => {
    const lid = await app.waitFor('the LID', async () => {
      const jid = await app.parley.services.sessions.live(user.id).resolve(contact)
      return jid.endsWith('@lid') ? jid : undefined
    })

    await send(lid, 'BY-LID')

    const delivered = await reaches('BY-LID', 'delivered')
    expect(delivered.chat).toBe(lid)
    expect(delivered).not.toHaveProperty('failedAt')
  })

  test('is listed for the user and for the operator, newest first', async () => {
    const own = await app.get('/parley/me/messages?limit=2', user.token)
    const all = await app.request('GET', `/parley/messages?user=${user.id}&status=failed`, { admin: true })

    expect(own.json.messages.map(({ id }: { id: string }) => id)).toEqual(['BY-LID', 'NOBODY'])
    expect(all.json.messages.map(({ id }: { id: string }) => id)).toEqual(['NOBODY', 'REFUSED'])
  })

  test('is told to nobody else', async () => {
    const other = await app.createUser()

    expect((await app.get('/parley/me/messages/STEPS', other.token)).status).toBe(404)
    expect((await app.request('GET', '/parley/me/messages/STEPS', { admin: true })).status).toBe(401)
    expect((await app.get(`/parley/messages?user=${user.id}`, user.token)).status).toBe(401)
  })
})
