import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Peer } from '../../../src/sandbox/peer/peer.ts'
import type { FaultScope } from '../../../src/sandbox/server/faults.ts'
import type { LinkedUser } from '../../helpers/app.ts'
import { readBy, Stage } from './stage.ts'

// The library asks whom to encrypt for while it holds a lock of the whole account, and takes no answer for "nobody has a
// device": the message goes to the account's own devices, and counts as sent.
let stage: Stage
beforeAll(async () => {
  stage = await Stage.open()
})
afterAll(() => stage.close())

test('the bare library sends to its own phone alone when the question for devices is lost', async () => {
  const bare = await stage.bare()
  const contact = stage.contact()
  const known = stage.contact()
  await bare.sendText(known.account.jid(), 'knows its own devices')
  const fault = lose({ account: accountOf(bare.phone) })

  const id = await bare.sendText(contact.account.jid(), 'lost')

  fault.remove()
  expect(id).toMatch(/^3EB0/)
  await expect.poll(() => readBy(phoneOf(bare.phone))).toContain('lost')
  expect(readBy(contact)).toEqual([])
})

describe('Parley', () => {
  let user: LinkedUser
  let known: Peer
  beforeAll(async () => {
    user = await stage.user()
    known = stage.contact()
    await stage.sendText(user, known.account.phone, 'knows its own devices')
  })

  test('refuses a message whose question for devices is lost, and goes on in other chats meanwhile', async () => {
    const contact = stage.contact()
    const fault = lose({ account: accountOf(user.phone) })
    const startedAt = performance.now()

    let isLost = false
    const lost = stage.sendText(user, contact.account.phone, 'lost').finally(() => {
      isLost = true
    })
    await expect.poll(() => fault.hits).toBeGreaterThan(0)
    const other = await stage.sendText(user, known.account.phone, 'meanwhile')
    const wasWaiting = !isLost
    const answer = await lost
    const tookMs = performance.now() - startedAt

    fault.remove()
    expect([other.status, wasWaiting]).toEqual([200, true])
    expect([answer.status, answer.json.error]).toEqual([500, expect.stringContaining('timed out')])
    expect(tookMs).toBeLessThan(25_000)
    await expect.poll(() => readBy(known)).toContain('meanwhile')
    await reachesNobody('lost', contact)
  })

  test('refuses a message whose question for devices is refused', async () => {
    const contact = stage.contact()
    const fault = stage.sandbox.network.faults.inject(
      { kind: 'refuse-query', xmlns: 'usync', code: 500, text: 'broken' },
      { account: accountOf(user.phone) },
    )

    const answer = await stage.sendText(user, contact.account.phone, 'refused')

    fault.remove()
    expect([answer.status, answer.json.error]).toEqual([500, expect.stringContaining('500')])
    await reachesNobody('refused', contact)
  })

  test('refuses a message to a group when the devices of its members are not told', async () => {
    const contact = stage.contact()
    const group = await stage.group(contact, user.phone)
    const fault = lose({ account: accountOf(user.phone) })

    const answer = await stage.sendText(user, group, 'to nobody')

    fault.remove()
    expect([answer.status, answer.json.error]).toEqual([500, expect.stringContaining('timed out')])
    await reachesNobody('to nobody', contact)
    expect((await stage.sendText(user, group, 'to all')).status).toBe(200)
    await expect.poll(() => readBy(contact)).toEqual(['to all'])
  })

  test('refuses a status when the devices of its viewers are not told', async () => {
    const contact = stage.contact()
    const fault = lose({ account: accountOf(user.phone) })
    const session = stage.app.parley.services.sessions.live(user.id)

    const posting = session.send({
      to: 'status@broadcast',
      message: { conversation: 'status' },
      statusJidList: [contact.account.lidJid()],
    })

    await expect(posting).rejects.toMatchObject({ code: 'upstream_timeout' })
    fault.remove()
    await reachesNobody('status', contact)
  })

  test('refuses a message when the keys of a device are not told, and goes on in other chats', async () => {
    const contact = stage.contact()
    const fault = stage.sandbox.network.faults.inject(
      { kind: 'ignore-query', xmlns: 'encrypt', child: 'key' },
      { account: accountOf(user.phone) },
    )

    const lost = stage.sendText(user, contact.account.phone, 'without keys')
    await expect.poll(() => fault.hits).toBeGreaterThan(0)
    const other = await stage.sendText(user, known.account.phone, 'has keys')
    const answer = await lost

    fault.remove()
    expect(other.status).toBe(200)
    expect([answer.status, answer.json.error]).toEqual([500, expect.stringContaining('timed out')])
    await reachesNobody('without keys', contact)
  })

  async function reachesNobody(text: string, contact: Peer): Promise<void> {
    await stage.settles()
    expect(readBy(contact)).not.toContain(text)
    expect(readBy(phoneOf(user.phone))).not.toContain(text)
  }
})

/** Lets questions about people be lost on their way. */
function lose(scope: FaultScope) {
  return stage.sandbox.network.faults.inject({ kind: 'ignore-query', xmlns: 'usync' }, scope)
}

function accountOf(phone: string) {
  return stage.sandbox.network.findAccount(phone)
}

/** The phone itself, which gets a copy of what its linked devices send. */
function phoneOf(phone: string): Peer {
  // Accounts of the sandbox have scripted phones.
  return accountOf(phone)?.devices.get(0) as Peer
}
