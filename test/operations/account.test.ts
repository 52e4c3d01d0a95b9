import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { accountLimits } from '../../src/operations/account/limits.ts'
import { broadcastMembers } from '../../src/operations/messages/broadcast-members.ts'
import type { UserScope } from '../../src/operations/services.ts'
import { keepContacts } from '../../src/store/contacts.ts'
import type { LiveSession } from '../../src/whatsapp/session/session.ts'
import { type LinkedUser, TestApp } from '../helpers/app.ts'

let app: TestApp
let user: LinkedUser
let session: LiveSession
let own: string

beforeAll(async () => {
  app = await TestApp.start()
  user = await app.linkedUser()
  session = app.parley.services.sessions.live(user.id)
  own = `${user.phone}@s.whatsapp.net`
})
afterAll(() => app.close())

describe('the limits of an account', () => {
  test('are told where it has none', async () => {
    expect(await accountLimits(session)).toEqual({
      newChats: {
        total: null,
        used: null,
        cycleStartsAt: null,
        cycleEndsAt: null,
        status: 'NONE',
        extensionStatus: '',
        verifiedStatus: '',
      },
      reachOut: { isActive: false, endsAt: null, reason: '' },
    })
  })

  test('are told in full', async () => {
    await app.sandbox('POST', `/contacts/${user.phone}/limits`, {
      newChats: {
        total: 50,
        used: 12,
        startsAt: 1_800_000_000,
        endsAt: 1_802_000_000,
        status: 'FIRST_WARNING',
      },
      reachOut: { endsAt: 1_801_000_000, reason: 'WEB_COMPANION_ONLY' },
    })

    expect(await accountLimits(session)).toEqual({
      newChats: {
        total: 50,
        used: 12,
        cycleStartsAt: 1_800_000_000,
        cycleEndsAt: 1_802_000_000,
        status: 'FIRST_WARNING',
        extensionStatus: 'NOT_ELIGIBLE',
        verifiedStatus: 'NOT_ELIGIBLE',
      },
      reachOut: { isActive: true, endsAt: 1_801_000_000, reason: 'WEB_COMPANION_ONLY' },
    })
  })

  test('are told as far as WhatsApp tells them', async () => {
    await app.sandbox('POST', '/faults', { kind: 'refuse-query', xmlns: 'w:mex', code: 403, times: 1 })

    const { newChats, reachOut } = await accountLimits(session)

    expect([newChats, reachOut]).toContain(null)
    expect(newChats ?? reachOut).not.toBeNull()
  })
})

describe('the members of a broadcast list', () => {
  const scope = (): UserScope => ({ user: session.user, services: app.parley.services })

  beforeAll(async () => {
    await app.contact('5511900000001')
    await app.contact('5511900000002')
    const names = { firstName: '', fullName: '', pushName: '', businessName: '' }
    await keepContacts(app.parley.services.db, user.id, [
      { ...names, jid: '5511900000001@s.whatsapp.net', fullName: 'Ann' },
      { ...names, jid: '5511900000002@s.whatsapp.net', firstName: 'Ben' },
      { ...names, jid: '5511900000003@s.whatsapp.net', pushName: 'Stranger' },
    ])
  })

  test('are the address book and the account itself where statuses go to all contacts', async () => {
    expect(await broadcastMembers(scope(), 'status@broadcast')).toEqual([
      own,
      '5511900000001@s.whatsapp.net',
      '5511900000002@s.whatsapp.net',
    ])
  })

  test('are those who are chosen', async () => {
    const audiences = [{ type: 'whitelist', list: ['5511900000001'] }]
    await app.sandbox('POST', `/contacts/${user.phone}/status-audience`, { audiences })

    expect(await broadcastMembers(scope(), 'status@broadcast')).toEqual([own, '5511900000001@s.whatsapp.net'])
  })

  test('are not those who are left out', async () => {
    const audiences = [{ type: 'blacklist', list: ['5511900000001'] }]
    await app.sandbox('POST', `/contacts/${user.phone}/status-audience`, { audiences })

    expect(await broadcastMembers(scope(), 'status@broadcast')).toEqual([own, '5511900000002@s.whatsapp.net'])
  })

  test.each(['123456789@broadcast', '123456789'])(
    'of a list made on the phone are not known: %s',
    async (list) => {
      await expect(broadcastMembers(scope(), list)).rejects.toMatchObject({
        code: 'unsupported',
        message: expect.stringContaining('the members of status@broadcast only'),
      })
    },
  )
})
