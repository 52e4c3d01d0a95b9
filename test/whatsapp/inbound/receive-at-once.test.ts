import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { EventBus } from '../../../src/events/bus.ts'
import { isPostgres } from '../../../src/store/database/database.ts'
import { isTimerKept } from '../../../src/store/messages/chat-timers.ts'
import type { InboxRow } from '../../../src/store/messages/inbox.ts'
import { type Inbox, startInbox } from '../../../src/whatsapp/inbound/inbox.ts'
import { messageEvents } from '../../../src/whatsapp/inbound/parse/messages.ts'
import { receiveAtOnce } from '../../../src/whatsapp/inbound/receive-at-once.ts'
import { keepReceived, plainMessages } from '../../../src/whatsapp/inbound/store-received.ts'
import { proto } from '../../../src/whatsapp/library/engine.ts'
import { databaseKinds } from '../../helpers/database.ts'
import { toOwnWebhook } from '../../helpers/router.ts'
import {
  type DeviceHost,
  deviceHost,
  type SignalDevice,
  signalDevice,
  stanza,
} from '../keys/signal-device.ts'

const { MESSAGE_EDIT } = proto.Message.ProtocolMessage.Type

describe.each(databaseKinds)('a message that becomes events with its ratchet, on %s', (kind) => {
  let host: DeviceHost
  let inbox: Inbox
  let ada: SignalDevice
  let bob: SignalDevice
  let sent = 0

  beforeEach(async () => {
    host = await deviceHost(kind)
    const { db, secrets, log, writer: commits } = host
    const bus = new EventBus({ db, commits, secrets, log, router: toOwnWebhook })
    const toEvents = (row: InboxRow) => messageEvents(row, { pn: bob.pn, lid: bob.lid })
    inbox = startInbox({
      db,
      secrets,
      log,
      toEvents,
      complete: (trx, received) =>
        keepReceived(
          { secrets, identity: async () => ({ pn: bob.pn, lid: bob.lid }), onHistory: () => {} },
          { trx, received },
        ),
      record: (trx, batches) => bus.recordTogether(trx, batches),
    })
    host.receive = (userId, drafts, commit) =>
      receiveAtOnce(
        {
          log,
          inbox,
          toEvents,
          messagesOf: (converted) => plainMessages(converted, (timer) => isTimerKept(db, timer)),
          keepsHistory: async () => false,
          record: (batch, write) => bus.recordWith(batch, write),
        },
        { userId, drafts },
        commit,
      )
    ada = await signalDevice(host)
    bob = await signalDevice(host)
    await ada.meets(bob)
    sent = 0
    // The first is always the inbox's: of a user nothing is known.
    await says('first')
    await inbox.drain()
  })
  afterEach(async () => {
    await inbox.stop()
    await host.temporary.close()
  })

  test('is never seen waiting in the inbox', async () => {
    await says('second')

    expect(await texts()).toEqual(['first', 'second'])
    expect(await waiting()).toEqual([])
  })

  test('comes after an edit that the inbox still has, and the edit after what it changes', async () => {
    await says('second')
    await says({
      protocolMessage: {
        type: MESSAGE_EDIT,
        key: { id: 'M2', remoteJid: bob.lid },
        editedMessage: { conversation: 'edited' },
      },
    })
    await says('third')
    await inbox.drain()

    expect(await texts()).toEqual(['first', 'second', 'edit', 'third'])
  })

  test('need not set the timer of its chat: only a new one is the business of the inbox', async () => {
    const disappearing = (text: string, setAt: number) => ({
      extendedTextMessage: { text, contextInfo: { expiration: 86_400, ephemeralSettingTimestamp: setAt } },
    })

    await says(disappearing('begins to disappear', 1_000))
    expect(await waiting()).toHaveLength(1)
    await inbox.drain()
    await says(disappearing('goes on', 1_000))
    expect(await waiting()).toEqual([])
    await says(disappearing('from an earlier setting', 900))
    expect(await waiting()).toEqual([])
    await says(disappearing('set anew', 2_000))
    expect(await waiting()).toHaveLength(1)

    await inbox.drain()
    expect(await host.db('chat_timers').select('seconds', 'set_at')).toEqual([
      { seconds: 86_400, set_at: 2_000 },
    ])
    expect(await texts()).toEqual([
      'first',
      'begins to disappear',
      'goes on',
      'from an earlier setting',
      'set anew',
    ])
  })

  test('whose events are refused is set aside, and the session goes on', async () => {
    await refuse('poison')

    expect(await says('poison')).toBe('poison')
    await inbox.drain()
    await says('third')
    await says('fourth')
    await inbox.drain()

    expect(await texts()).toEqual(['first', 'third', 'fourth'])
    expect(await host.db('inbox').whereNotNull('failed_at')).toHaveLength(1)
  })

  test('whose keys are refused ends the session', async () => {
    await host.db('users').where({ id: bob.userId }).delete()

    await expect(says('nobody is there')).rejects.toThrow()

    await expect(bob.auth.pendingAnswer()).rejects.toThrow()
  })

  async function says(content: string | proto.IMessage): Promise<string> {
    const id = `M${++sent}`
    const from = ada.lid.replace(/:\d+/, '')
    return bob.receives(stanza({ id, from }, await ada.encrypts(bob.lid, content)))
  }

  async function texts(): Promise<string[]> {
    const payloads: string[] = await host.db('events').orderBy('seq').pluck('payload')
    return payloads.map((payload) => {
      const { raw } = JSON.parse(payload)
      return raw.protocolMessage ? 'edit' : (raw.conversation ?? raw.extendedTextMessage?.text)
    })
  }

  function waiting() {
    return host.db('inbox').whereNull('dispatched_at')
  }

  /** Events with this text cannot be written. */
  async function refuse(text: string): Promise<void> {
    const { db } = host
    if (isPostgres(db))
      await db.raw(`alter table events add constraint refused check (payload not like '%${text}%') not valid`)
    else
      await db.raw(
        `create trigger refused before insert on events when new.payload like '%${text}%' begin select raise(abort, 'refused'); end`,
      )
  }
})
