import type { Knex } from 'knex'

/**
 * Where the events of a user go in the words of a dialect other than wuzapi, whose webhook is part of the user; and an
 * index for the few events that are kept to be asked for.
 */
export async function up(db: Knex): Promise<void> {
  await db.schema.createTable('dialect_webhooks', (table) => {
    table.text('user_id').notNullable().references('id').inTable('users').onDelete('cascade')
    table.text('dialect').notNullable()
    table.text('url').notNullable()
    table.text('events').notNullable()
    table.primary(['user_id', 'dialect'])
  })
  await db.raw(`create index events_connections on events (user_id, seq) where type like 'session.%'`)
}

export async function down(db: Knex): Promise<void> {
  await db.raw('drop index events_connections')
  await db.schema.dropTable('dialect_webhooks')
}
