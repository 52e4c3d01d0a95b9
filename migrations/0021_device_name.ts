import type { Knex } from 'knex'

/** What the phone of a user calls this server in its list of linked devices, empty for the server's own name. */
export async function up(db: Knex): Promise<void> {
  await db.schema.alterTable('users', (table) => {
    table.text('device_name').notNullable().defaultTo('')
  })
}

export async function down(db: Knex): Promise<void> {
  await db.schema.alterTable('users', (table) => {
    table.dropColumns('device_name')
  })
}
