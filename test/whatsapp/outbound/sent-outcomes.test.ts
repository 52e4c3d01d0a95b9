import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LinkedUser } from '../../helpers/app.ts'
import { Stage } from '../defects/stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await Stage.open('postgres')
})
afterAll(() => stage.close())

test('a message is sent when its ack names the number as WhatsApp writes it', async () => {
  const { user, contact, send, reaches } = await sender()
  const { phone } = contact.account
  // As a Brazilian number loses its ninth digit.
  const written = `${phone.slice(0, 4)}${phone.slice(5)}@s.whatsapp.net`
  stage.meddle(user.phone, (stanza) =>
    stanza.tag === 'ack' && stanza.attrs.class === 'message'
      ? { ...stanza, attrs: { ...stanza.attrs, from: written } }
      : stanza,
  )

  const answer = await send('WRITTEN-OTHERWISE')

  expect(answer.status).toBe(200)
  expect(await reaches('WRITTEN-OTHERWISE', 'sent')).not.toHaveProperty('reason')
})

test('a message that was given up counts as sent when its ack comes after all', async () => {
  const { user, send, reaches } = await sender()
  const acknowledge = stage.hold(user.phone, 'ack')
  losePatience(user)
  const answer = await send('LATE')
  const givenUp = await reaches('LATE', 'failed')

  acknowledge()

  const sent = await reaches('LATE', 'sent')
  expect(answer.json.error).toContain('timed out')
  expect(givenUp.reason).toMatch(/may have arrived$/)
  expect(sent).not.toHaveProperty('reason')
})

test('what became of a message is written when the database takes it again', async () => {
  const { send, reaches } = await sender()
  const { db } = stage.app.parley.services
  const refused = new Promise<string>((resolve) => {
    db.once('query-error', (_, { sql }: { sql: string }) => resolve(sql))
  })
  await db.raw(`
    create function refuse_update() returns trigger language plpgsql as $$
    begin
      raise exception 'no space left on device' using errcode = 'disk_full';
    end $$;
    create trigger refuse_update before update on messages for each row execute function refuse_update();
  `)
  const answer = await send('UNTOLD')
  const statement = await refused

  await db.raw('drop trigger refuse_update on messages')

  expect(answer.status).toBe(200)
  expect(statement).toMatch(/^update "messages" set "status"/)
  expect(await reaches('UNTOLD', 'sent')).toMatchObject({ sentAt: expect.any(Number) })
})

/** A user who never hears that a message was delivered, which would say the same as its ack. */
async function sender() {
  const user = await stage.user()
  const contact = stage.contact()
  stage.hold(user.phone, 'receipt')
  return {
    user,
    contact,
    send: (Id: string) =>
      stage.app.post('/chat/send/text', user.token, { Phone: contact.account.phone, Body: Id, Id }),
    reaches: (id: string, status: string) =>
      stage.app.waitFor(status, async () => {
        const { json } = await stage.app.get(`/parley/me/messages/${id}`, user.token)
        return json.status === status && json
      }),
  }
}

/** Lets a session wait for acks a moment only. */
function losePatience(user: LinkedUser): void {
  const { acks } = stage.app.parley.services.sessions.live(user.id).outbound
  const wait = acks.expect.bind(acks)
  acks.expect = (id) => wait(id, 100)
}
