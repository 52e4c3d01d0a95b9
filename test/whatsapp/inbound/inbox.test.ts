import { afterEach, beforeEach, expect, test } from 'vitest'
import { EventBus } from '../../../src/events/bus.ts'
import type { Event } from '../../../src/events/event.ts'
import { GroupCommit } from '../../../src/store/commit/group-commit.ts'
import type { InboxDraft, InboxRow } from '../../../src/store/messages/inbox.ts'
import { insertUser } from '../../../src/store/users/users.ts'
import { type Inbox, type InboxDeps, startInbox } from '../../../src/whatsapp/inbound/inbox.ts'
import { messageEvents } from '../../../src/whatsapp/inbound/parse/messages.ts'
import { proto } from '../../../src/whatsapp/library/engine.ts'
import { storeInbox } from '../../helpers/inbox.ts'
import { toOwnWebhook } from '../../helpers/router.ts'
import { sampleUser } from '../../helpers/users.ts'
import { type DeviceHost, deviceHost } from '../keys/signal-device.ts'

const { id: userId } = sampleUser()
let host: DeviceHost
let running: Inbox[]

beforeEach(async () => {
  host = await deviceHost()
  running = []
  await insertUser(host.db, host.secrets, sampleUser({ id: userId }))
})

afterEach(async () => {
  await Promise.all(running.map((inbox) => inbox.stop()))
  await host.temporary.close()
})

test('messages become events in the order they arrived', async () => {
  const inbox = start()
  await arrives(...Array.from({ length: 450 }, (_, index) => message(`${index}`)))

  inbox.nudge(userId)
  await inbox.drain()

  expect(await events()).toEqual(Array.from({ length: 450 }, (_, index) => `${index}`))
  expect(await waiting()).toBe(0)
})

test('what was left when the process died is dispatched at the next start', async () => {
  await arrives(message('left behind'))

  await start().drain()

  expect(await events()).toEqual(['left behind'])
})

test('one message makes one event, however often and in whatever ciphertext it comes', async () => {
  const inbox = start()
  await arrives(message('same'), { ...message('same'), digest: 'a retry' })
  await inbox.drain()
  await arrives({ ...message('same'), digest: 'another retry' })

  await inbox.drain()

  expect(await events()).toEqual(['same'])
  expect(await waiting()).toBe(0)
})

test('the key exchange that comes with a group message does not replace it', async () => {
  const bus = eventBus()
  const me = { pn: '1:2@s.whatsapp.net', lid: '7:2@lid' }
  const attrs = { id: 'G', from: '120363@g.us', participant: '5:1@lid', t: '1700000000' }
  const part = (content: proto.IMessage, encIndex: number): InboxDraft => ({
    ...message(`${encIndex}`),
    attrs,
    encIndex,
    plaintext: proto.Message.encode(content).finish(),
  })
  await arrives(
    part({ senderKeyDistributionMessage: { groupId: attrs.from } }, 0),
    part({ conversation: 'hello' }, 1),
    { ...part({ conversation: 'hello' }, 0), digest: 'a retry' },
  )

  await start({
    toEvents: (row) => messageEvents(row, me),
    record: (...call) => bus.recordTogether(...call),
  }).drain()

  const payloads: string[] = await host.db('events').orderBy('seq').pluck('payload')
  expect(payloads.map((payload) => Object.keys(JSON.parse(payload).raw))).toEqual([
    ['senderKeyDistributionMessage'],
    ['conversation'],
  ])
})

test('an edited channel post is an event of its own', async () => {
  const post = { ...message('post'), encAttrs: { type: 'plaintext' } }
  await arrives(post, { ...post, digest: 'edited' })

  await start().drain()

  expect(await events()).toEqual(['post', 'post'])
})

test('a message that cannot be understood is set aside and tried again by the next start', async () => {
  await arrives(message('poison'), message('good'))
  const inbox = start({
    toEvents: (row) => {
      if (row.id === 'poison') throw new Error('what is this')
      return toEvents(row)
    },
  })

  await inbox.drain()

  expect(await events()).toEqual(['good'])
  expect(await host.db('inbox').whereNotNull('failed_at').pluck('failure')).toEqual(['what is this'])
  await start().drain()
  expect(await events()).toEqual(['good', 'poison'])
})

test('an event that cannot be stored does not take the others with it', async () => {
  const bus = eventBus()
  await arrives(message('good'), message('bad'), message('fine'))
  const inbox = start({
    record: async (trx, batches) => {
      await bus.recordTogether(trx, batches)
      const list = batches.flatMap((batch) => batch.events)
      if (list.some((event) => 'code' in event && event.code === 'bad')) throw new Error('cannot be stored')
    },
  })

  await inbox.drain()

  expect(await events()).toEqual(['good', 'fine'])
  expect(await host.db('inbox').whereNotNull('failed_at')).toHaveLength(1)
})

test('a message without an event is just ticked off', async () => {
  await arrives(message('key exchange'))

  await start({ toEvents: () => [] }).drain()

  expect(await events()).toEqual([])
  expect(await waiting()).toBe(0)
})

test('a node leaves the messages of other nodes alone', async () => {
  await arrives(message('elsewhere'))

  await start({ scope: () => ({ users: [] }) }).drain()

  expect(await waiting()).toBe(1)
})

function start(deps: Partial<InboxDeps> = {}): Inbox {
  const bus = eventBus()
  const inbox = startInbox({
    ...host,
    toEvents,
    record: (trx, batches) => bus.recordTogether(trx, batches),
    ...deps,
  })
  running.push(inbox)
  return inbox
}

function eventBus(): EventBus {
  return new EventBus({
    db: host.db,
    commits: new GroupCommit(host.db, host.secrets),
    secrets: host.secrets,
    log: host.log,
    router: toOwnWebhook,
  })
}

// Any event that carries an id will do.
function toEvents(row: InboxRow): Event[] {
  return [{ type: 'session.qr', code: row.id, image: row.plaintext.toString() }]
}

function arrives(...drafts: InboxDraft[]): Promise<void> {
  return storeInbox(host.db, host.secrets, drafts)
}

function message(id: string): InboxDraft {
  return {
    userId,
    digest: id,
    attrs: { id, from: '1@lid' },
    meta: [],
    encIndex: 0,
    encAttrs: { type: 'msg' },
    plaintext: Buffer.from(id),
    receivedAt: 1,
  }
}

/** Ids of the messages whose events are stored, in order. */
async function events(): Promise<string[]> {
  const payloads: string[] = await host.db('events').orderBy('seq').pluck('payload')
  return payloads.map((payload) => JSON.parse(payload).code)
}

async function waiting(): Promise<number> {
  return (await host.db('inbox').whereNull('dispatched_at').whereNull('failed_at')).length
}
