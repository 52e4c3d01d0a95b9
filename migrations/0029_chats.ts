import type { Knex } from 'knex'

/** What is known of chats besides their messages: how far they were read, and what groups are called. */
export async function up(db: Knex): Promise<void> {
  await db.schema.createTable('chats', (table) => {
    table.text('user_id').notNullable().references('id').inTable('users').onDelete('cascade')
    table.text('chat').notNullable()
    // '' where nothing is known, and for people, whose names are contacts.
    table.text('name').notNullable().defaultTo('')
    // When the newest message was written that the account has read, unix milliseconds; 0 = none is known.
    table.bigInteger('read_at').notNullable().defaultTo(0)
    table.boolean('marked_unread').notNullable().defaultTo(false)
    table.primary(['user_id', 'chat'])
  })
}

export async function down(db: Knex): Promise<void> {
  await db.schema.dropTable('chats')
}
