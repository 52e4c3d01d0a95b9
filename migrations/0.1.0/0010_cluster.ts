import type { Knex } from 'knex'

/**
 * Which node runs which session, where several nodes share a PostgreSQL database: `users.owner`, whose lease is the
 * `seen_until` of the node. `epoch` grows with every owner and fences off the writes of former ones. A node without
 * `incarnation` was found dead. Instants are the database's, in unix milliseconds.
 */
export async function up(db: Knex): Promise<void> {
  await db.schema.alterTable('users', (table) => {
    table.text('owner')
    table.integer('epoch').notNullable().defaultTo(0)
    // What the owner last said of the session, for the other nodes.
    table.text('session_state').notNullable().defaultTo('')
    // Somebody asked another node to unlink the phone; the owner does it.
    table.boolean('unlink').notNullable().defaultTo(false)
    table.index(['owner'])
  })
  // The claims of every node look twice a second for wanted sessions that nobody runs.
  await db.raw('create index users_unowned_index on users (id) where wanted and owner is null')

  await db.schema.createTable('nodes', (table) => {
    table.text('id').primary()
    // Where other nodes reach it.
    table.text('address').notNullable()
    // The process that uses this id at present; empty once the node was found dead.
    table.text('incarnation').notNullable()
    table.bigInteger('started_at').notNullable()
    table.bigInteger('seen_until').notNullable()
    table.boolean('draining').notNullable().defaultTo(false)
  })
}

export async function down(db: Knex): Promise<void> {
  await db.schema.dropTable('nodes')
  await db.raw('drop index users_unowned_index')
  await db.schema.alterTable('users', (table) => {
    table.dropIndex(['owner'])
    table.dropColumn('unlink')
    table.dropColumn('session_state')
    table.dropColumn('epoch')
    table.dropColumn('owner')
  })
}
