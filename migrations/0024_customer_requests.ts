import type { Knex } from 'knex'

/** How many requests each customer has made in an hour, over all nodes; rows of hours gone by are removed. */
export async function up(db: Knex): Promise<void> {
  await db.schema.createTable('customer_requests', (table) => {
    table.integer('customer_id').notNullable().references('id').inTable('customers').onDelete('cascade')
    // Hours since 1970.
    table.integer('hour').notNullable()
    table.integer('requests').notNullable()
    table.primary(['customer_id', 'hour'])
  })
}

export async function down(db: Knex): Promise<void> {
  await db.schema.dropTable('customer_requests')
}
