import type { Knex } from 'knex'

/** After how long the messages of a chat with one person disappear; the wire tells it in passing only. */
export async function up(db: Knex): Promise<void> {
  await db.schema.createTable('chat_timers', (table) => {
    table.text('user_id').notNullable().references('id').inTable('users').onDelete('cascade')
    table.text('chat').notNullable()
    table.bigInteger('seconds').notNullable()
    table.bigInteger('set_at').notNullable()
    table.primary(['user_id', 'chat'])
  })
}

export async function down(db: Knex): Promise<void> {
  await db.schema.dropTable('chat_timers')
}
