import type { Knex } from 'knex'

/** What `/chat/history` shows, and the parts of phones' histories that still have to be fetched. */
export async function up(db: Knex): Promise<void> {
  await db.schema.createTable('message_history', (table) => {
    table.bigIncrements('id')
    table.text('user_id').notNullable().references('id').inTable('users').onDelete('cascade')
    table.text('chat_jid').notNullable()
    table.text('sender_jid').notNullable()
    table.text('message_id').notNullable()
    table.bigInteger('at').notNullable()
    table.text('message_type').notNullable()
    table.text('text_content').notNullable()
    table.text('media_link').notNullable()
    table.text('quoted_message_id').notNullable()
    table.text('event').notNullable()
    table.unique(['user_id', 'message_id'])
    table.index(['user_id', 'chat_jid', 'at'])
  })
  await db.schema.createTable('history_syncs', (table) => {
    table.bigIncrements('seq')
    table.text('user_id').notNullable().references('id').inTable('users').onDelete('cascade')
    table.text('message_id').notNullable()
    table.text('sealed_notification').notNullable()
    table.integer('attempts').notNullable()
    table.bigInteger('due_at').notNullable()
    table.unique(['user_id', 'message_id'])
    table.index(['due_at'])
  })
}

export async function down(db: Knex): Promise<void> {
  await db.schema.dropTable('history_syncs')
  await db.schema.dropTable('message_history')
}
