import type { Knex } from 'knex'

/** Labels of business accounts and the chats they are on, as the accounts' devices tell each other. */
export async function up(db: Knex): Promise<void> {
  await db.schema.createTable('labels', (table) => {
    table.text('user_id').notNullable().references('id').inTable('users').onDelete('cascade')
    table.text('label_id').notNullable()
    table.text('name').notNullable()
    table.integer('color').notNullable()
    table.primary(['user_id', 'label_id'])
  })
  await db.schema.createTable('chat_labels', (table) => {
    table.text('user_id').notNullable().references('id').inTable('users').onDelete('cascade')
    table.text('chat').notNullable()
    table.text('label_id').notNullable()
    table.primary(['user_id', 'chat', 'label_id'])
  })
}

export async function down(db: Knex): Promise<void> {
  await db.schema.dropTable('chat_labels')
  await db.schema.dropTable('labels')
}
