import type { Knex } from 'knex'

/**
 * One event may be told to a webhook as several deliveries (`part` says which), webhooks can be switched off, and numbers
 * that are given to them and never again are counted.
 */
export async function up(db: Knex): Promise<void> {
  await db.schema.alterTable('deliveries', (table) => {
    // '' where an event is told once.
    table.text('part').notNullable().defaultTo('')
  })
  await db.schema.alterTable('webhooks', (table) => {
    table.integer('is_active').notNullable().defaultTo(1)
    // Null for those that have not been changed since there is this column.
    table.bigInteger('updated_at')
  })
  await db.schema.createTable('counters', (table) => {
    table.text('name').primary()
    table.integer('value').notNullable()
  })
}

export async function down(db: Knex): Promise<void> {
  await db.schema.dropTable('counters')
  // Not Knex's dropColumn, which copies the table on SQLite and with it ends every reference to it.
  await db.raw('alter table webhooks drop column updated_at')
  await db.raw('alter table webhooks drop column is_active')
  await db.raw('alter table deliveries drop column part')
}
