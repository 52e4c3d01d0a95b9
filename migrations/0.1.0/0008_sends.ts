import type { Knex } from 'knex'

/** How far a sent message got and when, and the requests whose repetition gets the first answer. */
export async function up(db: Knex): Promise<void> {
  await db.schema.alterTable('messages', (table) => {
    table.text('failure')
    table.bigInteger('sent_at')
    table.bigInteger('delivered_at')
    table.bigInteger('read_at')
    table.bigInteger('played_at')
    table.bigInteger('failed_at')
  })
  await db.schema.createTable('repeatable_requests', (table) => {
    table.text('user_id').notNullable().references('id').inTable('users').onDelete('cascade')
    table.text('key').notNullable()
    table.text('fingerprint').notNullable()
    table.text('message_id').notNullable()
    table.bigInteger('at').notNullable()
    table.integer('answer_status')
    table.text('answer_type')
    table.text('answer_body')
    table.primary(['user_id', 'key'])
    table.index(['at'])
  })
}

export async function down(db: Knex): Promise<void> {
  await db.schema.dropTable('repeatable_requests')
  await db.schema.alterTable('messages', (table) => {
    table.dropColumns('failure', 'sent_at', 'delivered_at', 'read_at', 'played_at', 'failed_at')
  })
}
