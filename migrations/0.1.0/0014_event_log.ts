import type { Knex } from 'knex'

/** The newest messages received, whatever their chats. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`create index messages_received on messages (user_id, at) where status = 'received'`)
}

export async function down(db: Knex): Promise<void> {
  await db.raw('drop index messages_received')
}
