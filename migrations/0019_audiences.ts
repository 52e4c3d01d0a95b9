import type { Knex } from 'knex'

/** Whom a message to a group or a status went to: only they may ask for another copy. */
export async function up(db: Knex): Promise<void> {
  await db.schema.createTable('audiences', (table) => {
    table.text('user_id').notNullable().references('id').inTable('users').onDelete('cascade')
    table.text('id').notNullable()
    table.text('members').notNullable()
    table.bigInteger('used_at').notNullable()
    table.primary(['user_id', 'id'])
    table.index(['used_at'])
  })
  await db.schema.alterTable('messages', (table) => {
    table.text('audience')
  })
}

export async function down(db: Knex): Promise<void> {
  await db.schema.alterTable('messages', (table) => {
    table.dropColumns('audience')
  })
  await db.schema.dropTable('audiences')
}
