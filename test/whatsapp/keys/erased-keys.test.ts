import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LinkedUser } from '../../helpers/app.ts'
import { Stage } from '../defects/stage.ts'

// A logout that leaves the keys leaves a device that opens without a code the next time.
let stage: Stage
beforeAll(async () => {
  stage = await Stage.open('postgres')
  await stage.app.parley.services.db.raw(`
    create sequence refusals;
    create function refuse_keys() returns trigger language plpgsql as $$
    begin
      if tg_op = 'INSERT' or nextval('refusals') = 1 then
        raise exception 'no space left on device' using errcode = 'disk_full';
      end if;
      return null;
    end $$;
  `)
})
afterAll(() => stage.close())

test('a session whose store has failed erases its keys when it is logged out', async () => {
  const user = await stage.user()
  const session = stage.app.parley.services.sessions.live(user.id)
  const refusal = await refuse('insert')
  await stage.contact().send(user.phone, { text: 'cannot be stored' })
  await stage.app.waitFor('the store to fail', () => session.status.state === 'retrying')

  await session.logout()

  await refusal.end()
  expect(await keysOf(user)).toEqual([])
})

test('a logout erases the keys though the database fails meanwhile', async () => {
  const user = await stage.user()
  const refusal = await refuse('delete')

  const answer = await stage.app.post('/session/logout', user.token)

  await refusal.end()
  expect(answer.status).toBe(200)
  expect(refusal.statements).toEqual([expect.stringMatching(/^delete from "auth"/)])
  expect(await keysOf(user)).toEqual([])
})

/** Lets the database refuse to store keys, or once to delete them, as if its disk were full. */
async function refuse(change: 'insert' | 'delete') {
  const { db } = stage.app.parley.services
  const statements: string[] = []
  const note = (_: unknown, { sql }: { sql: string }) => statements.push(sql)
  db.on('query-error', note)
  await db.raw(`
    alter sequence refusals restart;
    create trigger refuse_keys before ${change} on auth for each statement execute function refuse_keys();
  `)
  return {
    statements,
    end: async () => {
      await db.raw('drop trigger refuse_keys on auth')
      db.off('query-error', note)
    },
  }
}

function keysOf(user: LinkedUser): Promise<{ kind: string; id: string }[]> {
  return stage.app.parley.services.db('auth').where({ user_id: user.id }).select('kind', 'id')
}
