import type { Knex } from 'knex'

/**
 * What was said about messages later: reactions, votes in polls, a new text, a deletion. The newest of a kind by a
 * person counts.
 */
export async function up(db: Knex): Promise<void> {
  await db.schema.createTable('message_responses', (table) => {
    table.text('user_id').notNullable().references('id').inTable('users').onDelete('cascade')
    table.text('target_id').notNullable()
    table.text('kind').notNullable()
    table.text('sender').notNullable()
    table.text('chat').notNullable()
    table.text('content').notNullable()
    table.bigInteger('at').notNullable()
    table.primary(['user_id', 'target_id', 'kind', 'sender'])
    table.index(['at'])
  })
}

export async function down(db: Knex): Promise<void> {
  await db.schema.dropTable('message_responses')
}
