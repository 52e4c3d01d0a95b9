import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ChatChanges } from '../../../src/events/chat-changes.ts'
import { createLogger } from '../../../src/lib/process/logger.ts'
import { openSecrets } from '../../../src/lib/secrets/secrets.ts'
import { GroupCommit } from '../../../src/store/commit/group-commit.ts'
import { keepMessages } from '../../../src/store/messages/messages.ts'
import { deleteUser, insertUser } from '../../../src/store/users/users.ts'
import { proto } from '../../../src/whatsapp/library/engine.ts'
import { SentMessages } from '../../../src/whatsapp/outbound/sent-messages.ts'
import { databaseKinds, type TemporaryDatabase, temporaryDatabase } from '../../helpers/database.ts'
import { sampleUser } from '../../helpers/users.ts'

const chat = '1@s.whatsapp.net'
const legible = proto.Message.encode({ conversation: 'hello' }).finish()

describe.each(databaseKinds)('what became of sent messages on %s', (kind) => {
  const user = sampleUser({ history: 10 })
  let temporary: TemporaryDatabase
  let sent: SentMessages

  beforeEach(async () => {
    temporary = await temporaryDatabase(kind)
    const secrets = await openSecrets(temporary.config)
    await insertUser(temporary.db, secrets, user)
    sent = new SentMessages({
      db: temporary.db,
      writer: new GroupCommit(temporary.db, secrets),
      // Nobody's receipts are noted here.
      audiences: { includes: async () => false },
      changes: new ChatChanges(),
      log: createLogger('silent'),
    })
  })
  afterEach(() => temporary.close())

  test('is written although one message among them cannot be read', async () => {
    await keep('first', legible)
    await keep('bad', Buffer.from([0xff, 0xff]))
    await keep('last', legible)

    for (const id of ['first', 'bad', 'last']) sent.mark(user.id, { id, chats: [chat] }, { status: 'sent' })
    await sent.flush()

    expect(await temporary.db('messages').where('status', 'sent').orderBy('id').pluck('id')).toEqual([
      'first',
      'last',
    ])
    expect(await temporary.db('message_history').orderBy('id').pluck('message_id')).toEqual(['first', 'last'])
  })

  test('is passed over where the message was deleted with its user', async () => {
    const deleted = sampleUser({ history: 10 })
    await insertUser(temporary.db, await openSecrets(temporary.config), deleted)
    await keep('gone', legible, deleted.id)
    await keep('kept', legible)

    sent.mark(deleted.id, { id: 'gone', chats: [chat] }, { status: 'sent' })
    sent.mark(user.id, { id: 'kept', chats: [chat] }, { status: 'sent' })
    await deleteUser(temporary.db, deleted.id)
    await sent.flush()

    expect(await temporary.db('messages').pluck('status')).toEqual(['sent'])
  })

  function keep(id: string, encoded: Uint8Array, userId = user.id): Promise<void> {
    const row = { userId, id, chat, fromMe: true, sender: '2@s.whatsapp.net', at: 1, status: 'pending' }
    return keepMessages(temporary.db, [{ ...row, proto: encoded }])
  }
})
