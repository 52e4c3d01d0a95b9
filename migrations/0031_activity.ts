import type { Knex } from 'knex'

/** How many requests to webhooks took up to so many milliseconds; `slower` holds the others. */
const LATENCIES = [25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000]

/** Messages and deliveries in numbers, by the minute and by the hour: of each user, and of all together. */
export async function up(db: Knex): Promise<void> {
  await db.schema.createTable('activity', (table) => {
    table.text('user_id').notNullable().references('id').inTable('users').onDelete('cascade')
    addCounters(table)
    table.primary(['user_id', 'span', 'at'])
    table.index(['span', 'at'])
  })
  await db.schema.createTable('activity_totals', (table) => {
    addCounters(table)
    table.primary(['span', 'at'])
  })
}

export async function down(db: Knex): Promise<void> {
  await db.schema.dropTable('activity_totals')
  await db.schema.dropTable('activity')
}

function addCounters(table: Knex.CreateTableBuilder): void {
  // Seconds that a row counts for: 60 or 3600.
  table.integer('span').notNullable()
  // When they began.
  table.bigInteger('at').notNullable()
  const counters = ['received', 'sent', 'failed', 'accepted', 'refused']
  for (const name of [...counters, ...LATENCIES.map((ms) => `within_${ms}`), 'slower'])
    table.integer(name).notNullable().defaultTo(0)
}
