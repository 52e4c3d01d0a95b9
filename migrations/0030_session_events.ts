import type { Knex } from 'knex'

/** What happened to the connection of each user: the timeline that a person reads to see why messages stopped. */
export async function up(db: Knex): Promise<void> {
  await db.schema.createTable('session_events', (table) => {
    table.text('id').primary()
    table.text('user_id').notNullable().references('id').inTable('users').onDelete('cascade')
    table.text('kind').notNullable()
    // Of WhatsApp, or of the library; null where there was none.
    table.integer('code')
    // A JSON object.
    table.text('params').notNullable()
    table.text('node').notNullable()
    // The same that happens again and again is one row: how often, since when, and when last.
    table.integer('times').notNullable()
    table.bigInteger('since').notNullable()
    table.bigInteger('at').notNullable()
    table.index(['user_id', 'at'])
    table.index(['at'])
  })
}

export async function down(db: Knex): Promise<void> {
  await db.schema.dropTable('session_events')
}
