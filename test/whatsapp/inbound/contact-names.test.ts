import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Event } from '../../../src/events/event.ts'
import { createLogger } from '../../../src/lib/process/logger.ts'
import { openSecrets } from '../../../src/lib/secrets/secrets.ts'
import { listContacts } from '../../../src/store/contacts.ts'
import { insertUser } from '../../../src/store/users/users.ts'
import { ContactNames } from '../../../src/whatsapp/inbound/contact-names.ts'
import type { WASocket } from '../../../src/whatsapp/library/engine.ts'
import { type TemporaryDatabase, temporaryDatabase } from '../../helpers/database.ts'
import { sampleUser } from '../../helpers/users.ts'

let database: TemporaryDatabase
let names: ContactNames
let told: Event[]
const user = sampleUser()

beforeEach(async () => {
  database = await temporaryDatabase()
  await insertUser(database.db, await openSecrets({ dataDir: database.config.dataDir }), user)
  told = []
  names = new ContactNames(database.db, createLogger('silent'), async (_trx, batches) => {
    told.push(...batches.flatMap(({ events }) => events))
  })
})
afterEach(() => database.close())

/** A message with the members that matter here. */
function message(about: { sender: string; senderAlt?: string; pushName: string; business?: string }) {
  const { business, ...rest } = about
  const verifiedName = business ? { details: { verifiedName: business } } : null
  // The other members of a message are not looked at.
  return { type: 'message', senderAlt: '', ...rest, verifiedName } as unknown as Event
}

function hear(...events: Event[]): void {
  names.hear(
    user.id,
    events.map((event, at) => ({ id: `${at}`, at, event })),
  )
}

async function stored() {
  await names.settled()
  return listContacts(database.db, user.id)
}

describe('names', () => {
  test('that authors have now and had not before are told once, with the other identity and the old name', async () => {
    const ana = { sender: '77:3@lid', senderAlt: '5491155554444:3@s.whatsapp.net' }
    hear(message({ ...ana, pushName: 'Ana' }))
    await names.settled()
    hear(message({ ...ana, pushName: 'Ana' }), message({ ...ana, pushName: 'Ana B.', business: 'Ana Ltd' }))
    await names.settled()

    const person = {
      type: 'contact.name',
      chat: '77@lid',
      jid: '77@lid',
      alias: '5491155554444@s.whatsapp.net',
    }
    expect(told).toEqual([
      { ...person, kind: 'push', before: '', name: 'Ana' },
      { ...person, kind: 'push', before: 'Ana', name: 'Ana B.' },
      { ...person, kind: 'business', before: '', name: 'Ana Ltd' },
    ])
  })

  test('of authors are kept under both their addresses, without the device', async () => {
    hear(message({ sender: '77:3@lid', senderAlt: '5491155554444:3@s.whatsapp.net', pushName: 'Ana' }))

    expect(await stored()).toEqual([
      expect.objectContaining({ jid: '5491155554444@s.whatsapp.net', pushName: 'Ana' }),
      expect.objectContaining({ jid: '77@lid', pushName: 'Ana' }),
    ])
  })

  test('that change replace the old ones', async () => {
    hear(
      message({ sender: '77@lid', pushName: 'Ana' }),
      message({ sender: '77@lid', pushName: 'Anita', business: 'Ana & Co' }),
      message({ sender: '77@lid', pushName: '-' }),
    )

    expect(await stored()).toEqual([
      expect.objectContaining({ jid: '77@lid', pushName: 'Anita', businessName: 'Ana & Co' }),
    ])
  })

  test('of nobody and of groups are not kept', async () => {
    hear(message({ sender: '77@lid', pushName: '' }), message({ sender: '1@g.us', pushName: 'Group' }))

    expect(await stored()).toEqual([])
  })

  test("in the phone's history are kept, those of entries that the library hands on late are not", async () => {
    // Only the emitter of the socket is used.
    const socket = { ev: new EventEmitter() } as unknown as WASocket
    names.watch(user.id, socket)

    socket.ev.emit('messaging-history.set', {
      chats: [],
      messages: [],
      contacts: [
        { id: '77@lid', name: 'Ana Gómez', notify: 'Ana' },
        { id: '1@g.us', name: 'Group' },
        { id: '88@lid' },
      ],
    })
    socket.ev.emit('contacts.upsert', [{ id: '77@lid', name: 'Anita' }])

    expect(await stored()).toEqual([
      { jid: '77@lid', firstName: '', fullName: 'Ana Gómez', pushName: 'Ana', businessName: '' },
    ])
  })

  test('in the address book are those of its newest entry, until it is taken out', async () => {
    const entry = (action: object): Event => ({
      type: 'appstate.change',
      index: ['contact', '77@lid'],
      action: { contactAction: { ...action } },
      timestamp: 1,
      fromFullSync: false,
    })
    hear(message({ sender: '77@lid', pushName: 'Ana' }))
    hear(entry({ fullName: 'Ana Gómez', firstName: 'Ana' }), entry({ fullName: 'Anita Gómez' }))

    const known = { jid: '77@lid', firstName: '', pushName: 'Ana', businessName: '' }
    expect(await stored()).toEqual([{ ...known, fullName: 'Anita Gómez' }])

    hear(entry({}))
    expect(await stored()).toEqual([{ ...known, fullName: '' }])
  })

  test('of nobody in the address book make no contact', async () => {
    const index = [
      ['contact', '88@lid'],
      ['contact', '1@g.us'],
      ['mute', '77@lid'],
    ]
    hear(
      ...index.map(
        (one): Event => ({
          type: 'appstate.change',
          index: one,
          action: {},
          timestamp: 1,
          fromFullSync: false,
        }),
      ),
    )

    expect(await stored()).toEqual([])
  })

  test('of another account are forgotten when a phone is linked', async () => {
    hear(message({ sender: '77@lid', pushName: 'Ana' }))
    await names.settled()

    hear({ type: 'session.logout', onConnect: false, reason: 401 })
    hear(message({ sender: '88@lid', pushName: 'Bea' }))

    expect(await stored()).toEqual([expect.objectContaining({ jid: '88@lid' })])
  })

  test('of a user that is gone do not keep others from being stored', async () => {
    names.hear('nobody', [{ id: '1', at: 1, event: message({ sender: '77@lid', pushName: 'Ana' }) }])
    hear(message({ sender: '88@lid', pushName: 'Bea' }))

    expect(await stored()).toHaveLength(1)
  })

  test('are kept although one among them cannot be stored', async () => {
    // What no column of names takes.
    const unstorable = Number.NaN as unknown as string
    hear(
      message({ sender: '77@lid', pushName: 'Ana' }),
      message({ sender: '78@lid', pushName: unstorable }),
      message({ sender: '79@lid', pushName: 'Bea' }),
    )

    expect((await stored()).map(({ pushName }) => pushName)).toEqual(['Ana', 'Bea'])
  })
})
