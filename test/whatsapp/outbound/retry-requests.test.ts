import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ForgedReceipt } from '../../../src/sandbox/peer/actions.ts'
import { Peer } from '../../../src/sandbox/peer/peer.ts'
import type { Account } from '../../../src/sandbox/world/account.ts'
import { child, children, node } from '../../../src/sandbox/world/node.ts'
import type { LinkedUser } from '../../helpers/app.ts'
import { databaseKinds } from '../../helpers/database.ts'
import { readBy, Stage } from '../defects/stage.ts'

// Ids are chosen by programs, `ORDER-1001` follows `ORDER-1000`: knowing one must be worth nothing.
describe.each(databaseKinds)('on %s', (database) => {
  let stage: Stage
  let user: LinkedUser
  let ids = 0
  beforeAll(async () => {
    stage = await Stage.open(database)
    user = await stage.user()
  })
  afterAll(() => stage.close())

  function send(to: string, text: string, id = newId()): Promise<string> {
    const body = { Phone: to, Body: text, Id: id }
    return stage.app.post('/chat/send/text', user.token, body).then(({ json }) => json.data.Id)
  }

  /** Lets a contact write, which makes its session one that both sides have used. */
  async function writes(contact: Peer): Promise<void> {
    await contact.send(user.phone, { text: `from ${contact.account.phone}` })
    await stage.arrives(`from ${contact.account.phone}`)
  }

  /** How the keys of a status are encrypted for somebody: `pkmsg` begins a session. */
  function encryption(id: string, { phone, lid }: Account): string | undefined {
    const [entry] = stage.sandbox.server.stanzas.list(
      ({ stanza }) => stanza.tag === 'message' && stanza.attrs.id === id,
    )
    const copy = children(child(entry?.stanza, 'participants')).find(({ attrs }) =>
      [phone, lid].some((user) => attrs.jid?.startsWith(user)),
    )
    return child(copy, 'enc')?.attrs.type
  }

  /** The stored sessions with somebody. */
  async function sessionsWith({ account }: Peer): Promise<string[]> {
    const ids = await stage.keys(user, 'session')
    return ids.filter((id) => [account.phone, account.lid].some((one) => id.startsWith(one)))
  }

  /** Posts a status for these people. */
  async function post(conversation: string, statusJidList?: string[]): Promise<string> {
    const session = stage.app.parley.services.sessions.live(user.id)
    const status = { to: 'status@broadcast', id: newId(), message: { conversation }, statusJidList }
    return (await session.send(status)).id
  }

  /** Posts a status as releases did that did not write down whom one is for. */
  async function postForUnknown(conversation: string): Promise<string> {
    const id = await post(conversation, [])
    const { db } = stage.app.parley.services
    expect(await db('messages').where({ user_id: user.id, id }).update({ audience: null })).toBe(1)
    return id
  }

  function newId(): string {
    ids += 1
    return `ORDER-${1000 + ids}`
  }

  /** Lets somebody ask for a copy, and waits until that has been answered or acknowledged without an answer. */
  async function ask(by: Peer, forged: Omit<ForgedReceipt, 'type' | 'to'> & { to?: string }): Promise<void> {
    by.forgeReceipt({ to: user.phone, type: 'retry', ...forged })
    await answered()
    await by.idle()
  }

  /** Lets the linked device of a contact ask for a copy, for which its keys have to be fetched. */
  function askWithoutKeys(phone: string, id: string): void {
    const receipt = { id, to: stage.companionOf(user.phone).jid, type: 'retry' }
    const request = [node('retry', { count: 1, id, v: 1 })]
    stage.sandbox.network.receive(stage.companionOf(phone), node('receipt', receipt, request))
  }

  async function disconnected(meanwhile: () => Promise<void>): Promise<void> {
    await stage.app.post('/session/disconnect', user.token)
    await meanwhile()
    await stage.app.post('/session/connect', user.token, { Immediate: true })
    const { sessions } = stage.app.parley.services
    await stage.app.waitFor('the session to open', () => sessions.find(user.id)?.status.loggedIn)
  }

  async function answered(): Promise<void> {
    await expect.poll(() => stage.companionOf(user.phone).unacknowledged).toEqual([])
  }

  /** How often a message has left. */
  function copies(id: string): number {
    const { jid } = stage.companionOf(user.phone)
    return stage.sentBy(jid, ({ tag, attrs }) => tag === 'message' && attrs.id === id)
  }

  /** A group of a contact and the user, with others in it. */
  async function group(...others: Peer[]): Promise<{ jid: string; creator: Peer }> {
    const creator = stage.contact()
    const jid = await stage.group(creator, user.phone, ...others.map(({ account }) => account.phone))
    await answered()
    return { jid, creator }
  }

  async function change(creator: Peer, jid: string, kind: 'add' | 'remove', who: Peer): Promise<void> {
    const participant = node('participant', { jid: who.account.jid() })
    const request = node('iq', { id: `${kind}-${who.account.phone}`, to: jid, type: 'set', xmlns: 'w:g2' }, [
      node(kind, {}, [participant]),
    ])
    await stage.sandbox.network.iq(creator, request)
    await answered()
  }

  function ownPhone(): Peer {
    const phone = stage.sandbox.network.findAccount(user.phone)?.devices.get(0)
    if (!(phone instanceof Peer)) throw new Error('the phone is a scripted one')
    return phone
  }

  /** Damages the next message to somebody. */
  function damage(contact: Peer): () => number {
    const { account } = contact
    const fault = stage.sandbox.network.faults.inject({ kind: 'corrupt-message' }, { account, times: 1 })
    return () => fault.hits
  }

  /** A message that its reader could not decrypt and whose own request for a copy gets lost. */
  async function unreadable(reader: Peer, to: string, text: string): Promise<string> {
    const hits = damage(reader)
    const end = stage.meddle(user.phone, (stanza) => (stanza.attrs.type === 'retry' ? undefined : stanza))
    const id = await send(to, text)
    await expect.poll(hits).toBe(1)
    await reader.idle()
    end()
    return id
  }

  async function progress(id: string): Promise<string> {
    const { json } = await stage.app.get(`/parley/me/messages/${id}`, user.token)
    return json.status
  }

  describe('a request for another copy', () => {
    test('is answered for its recipient, by number and by LID, however often it changes', async () => {
      const ada = stage.contact()
      const byNumber = await unreadable(ada, ada.account.phone, 'to the number')
      const byLid = await unreadable(ada, ada.account.lidJid(), 'to the LID')

      await ask(ada, { id: byNumber, to: `${ownPhone().account.lid}@lid` })
      await ask(ada, { id: byLid, to: user.phone })

      expect(readBy(ada).sort()).toEqual(['to the LID', 'to the number'])
    })

    test('of a stranger who guesses an id is not answered', async () => {
      const [ada, mallory] = [stage.contact(), stage.contact()]
      const id = await send(ada.account.phone, 'for Ada')

      await ask(mallory, { id })
      await ask(mallory, { id, to: `${ownPhone().account.lid}@lid` })
      await ask(mallory, { id, recipient: ada.account.jid() })
      await ask(mallory, { id, recipient: ownPhone().account.jid() })

      expect(readBy(mallory)).toEqual([])
      expect(copies(id)).toBe(1)
    })

    test('brings everybody their own of two messages with the same id', async () => {
      const [ada, bob] = [stage.contact(), stage.contact()]
      const hits = [damage(ada), damage(bob)]
      const release = stage.hold(user.phone, 'receipt')
      const id = await send(ada.account.phone, 'for Ada')
      await send(bob.account.phone, 'for Bob', id)
      await expect.poll(() => hits.map((count) => count())).toEqual([1, 1])

      release()

      await expect.poll(() => [readBy(ada), readBy(bob)]).toEqual([['for Ada'], ['for Bob']])
    })

    test('is answered for the linked device of a recipient', async () => {
      const bare = await stage.bare()
      const id = await send(bare.phone, 'for all devices')

      askWithoutKeys(bare.phone, id)
      await answered()

      expect(copies(id)).toBe(2)
    })

    test('for whom no keys can be fetched is answered after the next login', async () => {
      const bare = await stage.bare()
      const id = await send(bare.phone, 'for all devices')
      const { faults } = stage.sandbox.network
      const busy = faults.inject({ kind: 'refuse-query', xmlns: 'encrypt', child: 'key', code: 503 })

      askWithoutKeys(bare.phone, id)
      await expect.poll(() => busy.hits).toBe(1)
      busy.remove()
      await disconnected(async () => {})
      await answered()

      expect(copies(id)).toBe(2)
    })

    test('is answered for the own phone, which names the chat', async () => {
      const [ada, bob] = [stage.contact(), stage.contact()]
      const id = await send(ada.account.phone, 'copied to the phone')

      await ask(ownPhone(), { id, recipient: bob.account.jid() })
      await ask(ownPhone(), { id })
      expect(copies(id)).toBe(1)
      await ask(ownPhone(), { id, recipient: ada.account.lidJid() })

      expect(copies(id)).toBe(2)
    })

    test('is answered for the own phone about a note to itself, which names no chat', async () => {
      const { phone, lid } = ownPhone().account
      const [byNumber, byLid] = [await send(phone, 'one note'), await send(`${lid}@lid`, 'another')]

      await ask(ownPhone(), { id: byNumber })
      await ask(ownPhone(), { id: byLid, to: `${lid}@lid` })

      expect([byNumber, byLid].map(copies)).toEqual([2, 2])
    })

    test('is answered five times for one device', async () => {
      const ada = stage.contact()
      const id = await send(ada.account.phone, 'never readable')

      for (let count = 1; count <= 7; count += 1) await ask(ada, { id, count })

      expect(copies(id)).toBe(6)
    })

    test.each(['by number', 'by LID'])('for a status brings it to the own phone: %s', async (how) => {
      const { account } = ownPhone()
      const id = await post('for all devices', [account.jid()])
      await expect.poll(() => readBy(ownPhone())).toContain('for all devices')

      const to = how === 'by LID' ? account.lidJid() : account.jid()
      await ask(ownPhone(), { id, to, group: 'status@broadcast' })

      const chats = ownPhone()
        .messages.filter((message) => message.id === id)
        .map(({ chat }) => chat)
      expect(chats).toEqual(['status@broadcast', 'status@broadcast'])
    })

    test('for a status is not answered with a private message', async () => {
      const [ada, mallory] = [stage.contact(), stage.contact()]
      const id = await post('for contacts', [ada.account.jid()])

      await ask(mallory, { id, group: 'status@broadcast' })
      await ask(mallory, { id })
      await ask(ada, { id })

      expect(copies(id)).toBe(1)
    })

    test.each(['by number', 'by LID'])('for a status makes the next one readable: %s', async (how) => {
      const ada = stage.contact()
      const { account } = ada
      const id = await post('first', [account.jid()])
      await writes(ada)
      const within = await post('in the session there is', [account.jid()])

      const to = how === 'by LID' ? ownPhone().account.lidJid() : user.phone
      await ask(ada, { id, to, group: 'status@broadcast' })
      const anew = await post('in a new one', [account.jid()])

      expect([within, anew].map((one) => encryption(one, account))).toEqual(['msg', 'pkmsg'])
      await expect.poll(() => readBy(ada)).toContain('in a new one')
    })

    test('for a status changes no session with whom it was not for', async () => {
      const [ada, mallory] = [stage.contact(), stage.contact()]
      const id = await post('for contacts', [ada.account.jid()])

      await ask(mallory, { id, group: 'status@broadcast' })

      expect(await sessionsWith(mallory)).toEqual([])
    })

    test('for a status that names nobody brings a new session', async () => {
      const ada = stage.contact()
      const id = await postForUnknown('for whom is not said')

      await ask(ada, { id, group: 'status@broadcast' })

      expect(await sessionsWith(ada)).toHaveLength(1)
      expect(copies(id)).toBe(1)
    })
  })

  describe('a request for another copy of a group message', () => {
    test('is answered for a member, by whichever identity, after a restart too', async () => {
      const [ada, bob] = [stage.contact(), stage.contact()]
      const { jid } = await group(ada, bob)
      const before = await unreadable(ada, jid, 'before the restart')
      await stage.restart(user)

      await ask(ada, { id: before, group: jid })
      await ask(ada, { id: before, group: jid, to: `${ownPhone().account.lid}@lid`, count: 2 })

      expect(readBy(ada)).toEqual(['before the restart'])
      expect(copies(before)).toBe(3)
    })

    test.each([429, 503])('is answered after the next login when WhatsApp answers %i', async (code) => {
      const ada = stage.contact()
      const { jid } = await group(ada)
      const id = await unreadable(ada, jid, 'while WhatsApp was busy')
      await stage.restart(user)
      const { faults } = stage.sandbox.network
      const busy = faults.inject({ kind: 'refuse-query', xmlns: 'w:g2', child: 'query', code })

      ada.forgeReceipt({ id, type: 'retry', to: user.phone, group: jid })
      await expect.poll(() => busy.hits).toBe(1)
      await ada.send(user.phone, { text: `not kept away by ${code}` })
      await stage.arrives(`not kept away by ${code}`)
      // A webhook may be faster than the receipt of its message.
      await expect
        .poll(() => stage.companionOf(user.phone).unacknowledged)
        .toMatchObject([{ attrs: { id, type: 'retry' } }])

      busy.remove()
      await disconnected(async () => {})
      await answered()
      await ada.idle()

      expect(readBy(ada)).toEqual(['while WhatsApp was busy'])
    })

    test('is acknowledged when the account is no member any more', async () => {
      const ada = stage.contact()
      const { jid } = await group(ada)
      const id = await unreadable(ada, jid, 'before leaving')
      const { network } = stage.sandbox
      const stored = network.findGroup(jid)
      await disconnected(async () => void (stored && network.leave(stored, ownPhone().account)))

      await ask(ada, { id, group: jid })

      expect(copies(id)).toBe(1)
    })

    test('is not answered for whoever never was a member', async () => {
      const [ada, mallory] = [stage.contact(), stage.contact()]
      const { jid } = await group(ada)
      const id = await send(jid, 'for members')

      await ask(mallory, { id, group: jid })
      await ask(mallory, { id })

      expect(readBy(mallory)).toEqual([])
      expect(copies(id)).toBe(1)
    })

    test('is not answered for a member who was removed, however long ago it was sent', async () => {
      const eve = stage.contact()
      const { jid, creator } = await group(eve)
      const before = await send(jid, 'while Eve was there')
      await change(creator, jid, 'remove', eve)
      const after = await send(jid, 'without Eve')

      await ask(eve, { id: before, group: jid, count: 1 })
      await ask(eve, { id: after, group: jid })

      expect(readBy(eve)).toEqual(['while Eve was there'])
      expect([copies(before), copies(after)]).toEqual([1, 1])
    })

    test('is not answered for a member who was removed while the session was away', async () => {
      const eve = stage.contact()
      const { jid, creator } = await group(eve)
      await send(jid, 'while Eve was there')
      const { network } = stage.sandbox
      const stored = network.findGroup(jid)
      // No notification tells of it, as if another node had had the session.
      await disconnected(async () => void (stored && network.leave(stored, eve.account)))
      const id = await send(jid, 'without Eve')

      await ask(eve, { id, group: jid })

      expect(readBy(eve)).toEqual(['while Eve was there'])
      expect(copies(id)).toBe(1)
      expect(readBy(creator)).toEqual(['while Eve was there', 'without Eve'])
    })

    test('is answered for the member alone: those who came later get nothing', async () => {
      const [ada, late] = [stage.contact(), stage.contact()]
      const { jid, creator } = await group(ada)
      const hits = damage(ada)
      const release = stage.hold(user.phone, 'receipt')
      const id = await send(jid, 'before Late')
      await expect.poll(hits).toBe(1)
      await change(creator, jid, 'add', late)

      release()
      await expect.poll(() => readBy(ada)).toEqual(['before Late'])
      await ask(late, { id, group: jid })

      expect(readBy(late)).toEqual([])
    })

    test('posts nothing into another chat than the one it was sent to', async () => {
      const [ada, bob] = [stage.contact(), stage.contact()]
      const { jid, creator } = await group(ada, bob)
      const privately = await send(ada.account.phone, 'for Ada')
      const inGroup = await send(jid, 'for members')

      await ask(ada, { id: privately, group: jid })
      await ask(ada, { id: inGroup })

      expect([copies(privately), copies(inGroup)]).toEqual([1, 1])
      expect([creator, bob].map(readBy)).toEqual([['for members'], ['for members']])
    })
  })

  describe('a receipt', () => {
    test('of a stranger changes the progress of no message', async () => {
      const [ada, mallory] = [stage.contact(), stage.contact()]
      const release = stage.hold(user.phone, 'receipt')
      const id = await send(ada.account.phone, 'for Ada')
      await expect.poll(() => progress(id)).toBe('sent')
      release()
      await expect.poll(() => progress(id)).toBe('delivered')

      for (const type of ['delivered', 'read', 'played'] as const) {
        mallory.forgeReceipt({ id, type, to: user.phone })
        mallory.forgeReceipt({ id, type, to: user.phone, recipient: ada.account.jid() })
      }
      await answered()
      const later = await send(mallory.account.phone, 'noted after the receipts')
      await expect.poll(() => progress(later)).toBe('delivered')

      expect(await progress(id)).toBe('delivered')
      ada.forgeReceipt({ id, type: 'read', to: `${ownPhone().account.lid}@lid` })
      await expect.poll(() => progress(id)).toBe('read')
    })

    test('for a status counts when its viewer was named', async () => {
      const [ada, mallory] = [stage.contact(), stage.contact()]
      const named = await post('for contacts', [ada.account.jid()])
      const unnamed = await postForUnknown('for whom is not said')
      await expect.poll(() => progress(named)).toBe('delivered')

      mallory.forgeReceipt({ id: named, type: 'read', to: user.phone, group: 'status@broadcast' })
      mallory.forgeReceipt({ id: unnamed, type: 'read', to: user.phone, group: 'status@broadcast' })
      await answered()
      const later = await send(mallory.account.phone, 'noted after the receipts')
      await expect.poll(() => progress(later)).toBe('delivered')

      expect([await progress(named), await progress(unnamed)]).toEqual(['delivered', 'sent'])
      ada.forgeReceipt({ id: named, type: 'read', to: user.phone, group: 'status@broadcast' })
      await expect.poll(() => progress(named)).toBe('read')
    })

    test('in a group counts when its reader was in it', async () => {
      const [ada, mallory] = [stage.contact(), stage.contact()]
      const { jid } = await group(ada)
      const id = await send(jid, 'for members')
      await expect.poll(() => progress(id)).toBe('delivered')

      mallory.forgeReceipt({ id, type: 'played', to: user.phone, group: jid })
      ada.forgeReceipt({ id, type: 'played', to: user.phone })
      await answered()
      const later = await send(mallory.account.phone, 'noted after the receipts')
      await expect.poll(() => progress(later)).toBe('delivered')

      expect(await progress(id)).toBe('delivered')
      ada.forgeReceipt({ id, type: 'read', to: user.phone, group: jid })
      await expect.poll(() => progress(id)).toBe('read')
    })
  })
})
