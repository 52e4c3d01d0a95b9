import { afterAll, beforeAll, expect, test } from 'vitest'
import type { BinaryNode } from '../../../src/whatsapp/library/engine.ts'
import type { LinkedUser } from '../../helpers/app.ts'
import { readBy, Stage } from '../defects/stage.ts'

// Whoever is told that a message failed sends it again under another id. Once it has left, only WhatsApp knows.
let stage: Stage
beforeAll(async () => {
  stage = await Stage.open('postgres')
})
afterAll(() => stage.close())

test('a message whose keys cannot be stored once it has left is answered by its ack', async () => {
  const user = await stage.user()
  const contact = stage.contact()
  const group = await stage.group(contact, user.phone)
  // Who has got the key of a group is stored after the message that brought it.
  const refusal = await refuse('auth', `new.kind = 'sender-key-memory'`)
  const acknowledged = ackTaken(user, 'LEFT')

  const letFail = await refusal.hold()
  const sending = send(user, group, 'LEFT')
  await acknowledged
  await letFail()
  const answer = await sending

  await refusal.end()
  expect(refusal.count()).toBeGreaterThan(0)
  expect(answer).toMatchObject({ status: 200, json: { data: { Id: 'LEFT' } } })
  expect(await sentMessage(user, 'LEFT')).not.toHaveProperty('failedAt')
  await expect.poll(() => readBy(contact)).toEqual(['LEFT'])
})

test('a message that cannot be kept is answered by its ack, once it has left', async () => {
  const user = await stage.user()
  const contact = stage.contact()
  const refusal = await refuse('messages', `new.id = 'NOT-KEPT'`)
  const release = stage.hold(user.phone, 'ack')

  const sending = send(user, contact.account.phone, 'NOT-KEPT')
  await expect.poll(() => readBy(contact)).toEqual(['NOT-KEPT'])
  await stage.settles()
  release()
  const answer = await sending

  await refusal.end()
  expect(refusal.count()).toBeGreaterThan(1)
  expect(answer).toMatchObject({ status: 200, json: { data: { Id: 'NOT-KEPT' } } })
})

test('a message to a group that WhatsApp does not tell about fails after one question', async () => {
  const user = await stage.user()
  const contact = stage.contact()
  const group = await stage.group(contact, user.phone)
  const { faults } = stage.sandbox.network
  const busy = faults.inject({ kind: 'refuse-query', xmlns: 'w:g2', child: 'query', code: 429 })

  const refused = await send(user, group, 'REFUSED')
  busy.remove()
  const sent = await send(user, group, 'SENT')

  expect([refused.status, refused.json.error]).toEqual([500, expect.stringContaining('429')])
  expect(busy.hits).toBe(1)
  expect(sent.status).toBe(200)
  await expect.poll(() => readBy(contact)).toEqual(['SENT'])
})

function send(user: LinkedUser, to: string, Id: string) {
  return stage.app.post('/chat/send/text', user.token, { Phone: to, Body: Id, Id })
}

/** The message as its sender can look it up, once it is known that it was sent. */
function sentMessage(user: LinkedUser, id: string) {
  return stage.app.waitFor('the message to be sent', async () => {
    const { json } = await stage.app.get(`/parley/me/messages/${id}`, user.token)
    return json.sentAt && json
  })
}

/** Resolves when a user's session has taken the ack of a message. */
function ackTaken(user: LinkedUser, id: string): Promise<void> {
  const { ws } = stage.app.parley.services.sessions.live(user.id).socket()
  return new Promise((resolve) => {
    // The session listens since the socket was made, hence hears it first.
    ws.on('CB:ack,class:message', ({ attrs }: BinaryNode) => {
      if (attrs.id === id) resolve()
    })
  })
}

/** Lets the database refuse rows of a table as if its disk were full. */
async function refuse(table: string, condition: string) {
  const { db } = stage.app.parley.services
  let count = 0
  db.on('query-error', ({ code }: { code?: string }) => {
    if (code === '53100') count += 1
  })
  await db.raw(`
    create or replace function refuse_row() returns trigger language plpgsql as $$
    begin
      perform pg_advisory_xact_lock_shared(1);
      raise exception 'no space left on device' using errcode = 'disk_full';
    end $$;
    create trigger refuse_row before insert on ${table}
      for each row when (${condition}) execute function refuse_row();
  `)
  return {
    count: () => count,
    /** Lets whoever writes such a row wait for the refusal until told to go on. */
    hold: async () => {
      const lock = await db.transaction()
      await lock.raw('select pg_advisory_xact_lock(1)')
      return async () => void (await lock.commit())
    },
    end: () => db.raw(`drop trigger refuse_row on ${table}`),
  }
}
