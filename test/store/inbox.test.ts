import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openSecrets, type Secrets } from '../../src/lib/secrets/secrets.ts'
import {
  decryptPlaintext,
  findPlaintext,
  type InboxDraft,
  markDispatched,
  markFailed,
  pendingInbox,
  pruneInbox,
  retryFailed,
} from '../../src/store/messages/inbox.ts'
import { insertUser } from '../../src/store/users/users.ts'
import { databaseKinds, type TemporaryDatabase, temporaryDatabase } from '../helpers/database.ts'
import { storeInbox } from '../helpers/inbox.ts'
import { sampleUser } from '../helpers/users.ts'

describe.each(databaseKinds)('the inbox on %s', (kind) => {
  const [anna, bert] = [sampleUser(), sampleUser()]
  let temporary: TemporaryDatabase
  let secrets: Secrets

  beforeEach(async () => {
    temporary = await temporaryDatabase(kind)
    secrets = await openSecrets(temporary.config)
    await insertUser(temporary.db, secrets, anna)
    await insertUser(temporary.db, secrets, bert)
  })

  afterEach(() => temporary.close())

  test('rows come back as they went in, oldest first', async () => {
    const draft: InboxDraft = {
      ...message(anna.id, 'one'),
      attrs: { id: 'M', from: 'g@g.us', participant: '1:2@lid', t: '1' },
      meta: [{ tag: 'bot', attrs: {}, content: [{ tag: 'x', attrs: {}, content: 'AA==' }] }],
      encIndex: 1,
      encAttrs: { type: 'skmsg', mediatype: 'image' },
    }
    await storeInbox(temporary.db, secrets, [draft, message(bert.id, 'two')])

    const [row, second] = await pendingInbox(temporary.db, { limit: 10 })

    const { plaintext, ...stored } = draft
    expect(row).toMatchObject({
      ...stored,
      id: 'M',
      from: 'g@g.us',
      participant: '1:2@lid',
      encType: 'skmsg',
    })
    expect(decryptPlaintext(secrets, row?.sealedPlaintext ?? '')).toEqual(plaintext)
    expect(second?.userId).toBe(bert.id)
    expect(second?.seq).toBeGreaterThan(row?.seq ?? 0)
  })

  test('only rows of the asked users are pending, and only until they are dispatched or set aside', async () => {
    await storeInbox(
      temporary.db,
      secrets,
      ['a', 'b', 'c'].map((digest) => message(anna.id, digest)),
    )
    await storeInbox(temporary.db, secrets, [message(bert.id, 'd')])
    const [first, second] = await pendingInbox(temporary.db, { limit: 2, users: [anna.id] })

    await markDispatched(temporary.db, [first?.seq ?? 0], 5)
    await markFailed(temporary.db, second?.seq ?? 0, { failure: 'strange', now: 5 })

    expect(await pending([anna.id])).toEqual(['c'])
    await retryFailed(temporary.db)
    expect(await pending([anna.id])).toEqual(['b', 'c'])
  })

  test('a dispatched row answers for its ciphertext until it is pruned', async () => {
    await storeInbox(
      temporary.db,
      secrets,
      ['a', 'b', 'c'].map((digest) => message(anna.id, digest)),
    )
    const rows = await pendingInbox(temporary.db, { limit: 3 })
    await markDispatched(temporary.db, [rows[0]?.seq ?? 0], 100)
    await markDispatched(temporary.db, [rows[1]?.seq ?? 0], 200)
    const find = (digest: string) => findPlaintext(temporary.db, secrets, { userId: anna.id, digest })
    expect(await find('a')).toEqual(Buffer.from('a'))

    const pruned = await pruneInbox(temporary.db, { dispatched: 150, failed: 150, limit: 10 })

    expect(pruned).toBe(1)
    expect(await Promise.all(['a', 'b', 'c'].map(find))).toEqual([
      undefined,
      Buffer.from('b'),
      Buffer.from('c'),
    ])
  })

  async function pending(users: string[]): Promise<string[]> {
    return (await pendingInbox(temporary.db, { limit: 10, users })).map(({ digest }) => digest)
  }

  function message(userId: string, digest: string): InboxDraft {
    return {
      userId,
      digest,
      attrs: { id: digest, from: '1@lid' },
      meta: [],
      encIndex: 0,
      encAttrs: { type: 'msg' },
      plaintext: Buffer.from(digest),
      receivedAt: 1,
    }
  }
})
