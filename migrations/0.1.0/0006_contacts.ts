import type { Knex } from 'knex'

/** People a session knows by name. */
export async function up(db: Knex): Promise<void> {
  await db.schema.createTable('contacts', (table) => {
    table.text('user_id').notNullable().references('id').inTable('users').onDelete('cascade')
    table.text('jid').notNullable()
    table.text('first_name').notNullable()
    table.text('full_name').notNullable()
    table.text('push_name').notNullable()
    table.text('business_name').notNullable()
    table.primary(['user_id', 'jid'])
  })
}

export async function down(db: Knex): Promise<void> {
  await db.schema.dropTable('contacts')
}
