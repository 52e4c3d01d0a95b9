import type { Knex } from 'knex'

/**
 * Users that are being deleted: nobody sees them any more, but their keys stay until their phone has been told, and
 * whatever interrupts that finds here what is left to do. `unlinked` is what the node that had the session achieved.
 */
export async function up(db: Knex): Promise<void> {
  await db.schema.alterTable('users', (table) => {
    // Unix milliseconds.
    table.bigInteger('removed_at')
    table.boolean('removes_files').notNullable().defaultTo(false)
    table.text('unlinked').notNullable().defaultTo('')
  })
  await db.raw('create index users_removed_index on users (removed_at) where removed_at is not null')
}

export async function down(db: Knex): Promise<void> {
  await db.raw('drop index users_removed_index')
  await db.schema.alterTable('users', (table) => {
    table.dropColumn('unlinked')
    table.dropColumn('removes_files')
    table.dropColumn('removed_at')
  })
}
