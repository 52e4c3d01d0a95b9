import type { Knex } from 'knex'

/**
 * Secrets that every node of an installation shares, made at random once and encrypted; customers, who create users with a key of their own; and what is known of a user as the device of a customer. The
 * columns of users are empty for all others.
 */
export async function up(db: Knex): Promise<void> {
  await db.schema.createTable('customers', (table) => {
    table.increments('id')
    table.text('name').notNullable()
    table.text('email').notNullable()
    table.text('phone').notNullable()
    table.text('key_hash').notNullable().unique()
    table.text('masked_key').notNullable()
    table.integer('max_devices').notNullable()
    table.integer('rate_per_hour').notNullable()
    table.boolean('is_active').notNullable()
    table.bigInteger('created_at').notNullable()
    table.bigInteger('updated_at').notNullable()
  })
  await db.schema.createTable('shared_secrets', (table) => {
    table.text('name').primary()
    table.text('sealed_value').notNullable()
  })
  // Not Knex's way to add a reference, which copies the table on SQLite: that would remove all rows that refer to users.
  await db.raw('alter table users add column customer_id integer references customers (id)')
  await db.schema.alterTable('users', (table) => {
    table.text('device_secret_hash').notNullable().defaultTo('')
    table.integer('token_version').notNullable().defaultTo(0)
    table.text('last_jid').notNullable().defaultTo('')
    table.bigInteger('last_active_at')
    table.index(['customer_id'])
  })
}

export async function down(db: Knex): Promise<void> {
  await db.schema.alterTable('users', (table) => table.dropIndex(['customer_id']))
  // Nor its dropColumns, for the same reason.
  for (const column of ['customer_id', 'device_secret_hash', 'token_version', 'last_jid', 'last_active_at'])
    await db.raw(`alter table users drop column ${column}`)
  await db.schema.dropTable('shared_secrets')
  await db.schema.dropTable('customers')
}
