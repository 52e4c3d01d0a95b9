import { expect, test } from 'vitest'
import { StatusPublisher } from '../../src/cluster/status-publisher.ts'
import { createLogger } from '../../src/lib/process/logger.ts'
import { openSecrets } from '../../src/lib/secrets/secrets.ts'
import { claimLease } from '../../src/store/nodes/leases.ts'
import { insertUser } from '../../src/store/users/users.ts'
import { temporaryDatabase } from '../helpers/database.ts'
import { sampleUser } from '../helpers/users.ts'

test('news of other sessions are told although those of one cannot be written', async () => {
  const temporary = await temporaryDatabase('postgres')
  const secrets = await openSecrets(temporary.config)
  const board = new StatusPublisher(temporary.db, createLogger('silent'))
  const users = [sampleUser({ id: 'a' }), sampleUser({ id: 'b' }), sampleUser({ id: 'c' })]
  for (const user of users) {
    await insertUser(temporary.db, secrets, user)
    await claimLease(temporary.db, user.id, 'node')
  }

  const told = (userId: string, state: string, epoch = 1) =>
    board.tell({ lease: { userId, owner: 'node', epoch }, state })
  told('a', 'opening')
  told('a', 'open')
  // No epoch is that high.
  told('b', 'open', 2 ** 40)
  told('c', 'open')
  await board.flush()

  expect(await temporary.db('users').orderBy('id').pluck('session_state')).toEqual(['open', '', 'open'])
  await temporary.close()
})
