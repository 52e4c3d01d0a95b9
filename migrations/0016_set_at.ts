import type { Knex } from 'knex'

const TABLES = ['lanes', 'destinations', 'history_syncs']

/**
 * When a wait was set, by the clock of the process that set it, in unix milliseconds: a clock that is set back leaves
 * waits that began in the future, and these are counted anew.
 */
export async function up(db: Knex): Promise<void> {
  for (const name of TABLES) {
    await db.schema.alterTable(name, (table) => {
      table.bigInteger('set_at').notNullable().defaultTo(0)
    })
  }
}

export async function down(db: Knex): Promise<void> {
  for (const name of TABLES) await db.schema.alterTable(name, (table) => table.dropColumn('set_at'))
}
