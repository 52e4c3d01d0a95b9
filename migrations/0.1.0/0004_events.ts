import type { Knex } from 'knex'

/**
 * The event log and the outbox. A delivery is one event on its way to one target; a lane is the queue of the
 * deliveries that must stay in order (one target, one chat) and exists only while it holds a pending delivery.
 */
export async function up(db: Knex): Promise<void> {
  await db.schema.createTable('events', (table) => {
    table.bigIncrements('seq')
    table.text('id').notNullable().unique()
    table.text('user_id').notNullable().references('id').inTable('users').onDelete('cascade')
    table.text('type').notNullable()
    table.text('chat').notNullable()
    table.bigInteger('at').notNullable()
    table.text('payload').notNullable()
    table.index(['user_id', 'seq'])
    table.index(['at'])
  })

  await db.schema.createTable('deliveries', (table) => {
    table.bigIncrements('seq')
    table.text('id').notNullable().unique()
    table.text('event_id').notNullable().references('id').inTable('events').onDelete('cascade')
    table.text('user_id').notNullable().references('id').inTable('users').onDelete('cascade')
    table.text('target').notNullable()
    table.text('lane').notNullable()
    table.text('state').notNullable()
    table.integer('attempt').notNullable().defaultTo(0)
    table.integer('last_status')
    table.text('last_answer')
    table.bigInteger('created_at').notNullable()
    table.bigInteger('finished_at')
    table.index(['event_id'])
    table.index(['user_id', 'seq'])
    table.index(['state', 'finished_at'])
  })
  await db.raw(`create index deliveries_pending on deliveries (lane, seq) where state = 'pending'`)

  await db.schema.createTable('lanes', (table) => {
    table.text('lane').primary()
    table.text('user_id').notNullable().references('id').inTable('users').onDelete('cascade')
    table.text('destination').notNullable()
    table.bigInteger('due_at').notNullable()
    table.text('lease')
    table.index(['due_at'])
    table.index(['user_id'])
    table.index(['lease'])
  })
}

export async function down(db: Knex): Promise<void> {
  await db.schema.dropTable('lanes')
  await db.schema.dropTable('deliveries')
  await db.schema.dropTable('events')
}
