import type { Knex } from 'knex'

/**
 * Signal keys and credentials, one sealed JSON text per key. `kind` is the library's name of the key type, or
 * `creds` (with an empty id) for the credentials.
 */
export async function up(db: Knex): Promise<void> {
  await db.schema.createTable('auth', (table) => {
    table.text('user_id').notNullable().references('id').inTable('users').onDelete('cascade')
    table.text('kind').notNullable()
    table.text('id').notNullable()
    table.text('sealed_value').notNullable()
    table.primary(['user_id', 'kind', 'id'])
  })
}

export async function down(db: Knex): Promise<void> {
  await db.schema.dropTable('auth')
}
