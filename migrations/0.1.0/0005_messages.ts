import type { Knex } from 'knex'

/** Messages sent and received, kept for quoting and for devices that ask for them again. */
export async function up(db: Knex): Promise<void> {
  await db.schema.createTable('messages', (table) => {
    table.text('user_id').notNullable().references('id').inTable('users').onDelete('cascade')
    table.text('id').notNullable()
    table.text('chat').notNullable()
    table.boolean('from_me').notNullable()
    table.text('sender').notNullable()
    table.bigInteger('at').notNullable()
    table.text('proto').notNullable()
    table.text('status').notNullable()
    table.primary(['user_id', 'id', 'chat'])
    table.index(['user_id', 'chat', 'at'])
    table.index(['at'])
  })
}

export async function down(db: Knex): Promise<void> {
  await db.schema.dropTable('messages')
}
