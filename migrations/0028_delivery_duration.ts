import type { Knex } from 'knex'

/** How long the request took that a receiver accepted: a delivery that succeeds at once is one row. */
export async function up(db: Knex): Promise<void> {
  await db.schema.alterTable('deliveries', (table) => {
    table.integer('duration_ms')
  })
}

export async function down(db: Knex): Promise<void> {
  await db.schema.alterTable('deliveries', (table) => {
    table.dropColumn('duration_ms')
  })
}
