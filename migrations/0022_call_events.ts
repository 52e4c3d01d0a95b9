import type { Knex } from 'knex'

/** An index for the few events of calls, which are kept to be asked for. */
export async function up(db: Knex): Promise<void> {
  await db.raw(`create index events_calls on events (user_id, seq) where type like 'call.%'`)
}

export async function down(db: Knex): Promise<void> {
  await db.raw('drop index events_calls')
}
