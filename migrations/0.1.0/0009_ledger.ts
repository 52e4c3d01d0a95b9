import type { Knex } from 'knex'

/**
 * What is known of each receiver (`destinations`: paused, pulled from, its circuit breaker), the keys that sign what
 * it gets, and every attempt with request and answer. A parked lane belongs to a receiver that gets nothing now.
 */
export async function up(db: Knex): Promise<void> {
  await db.schema.createTable('destinations', (table) => {
    table.text('name').primary()
    // Null for receivers that all users share.
    table.text('user_id').references('id').inTable('users').onDelete('cascade')
    table.bigInteger('paused_at')
    table.integer('pulled').notNullable().defaultTo(0)
    table.integer('failures').notNullable().defaultTo(0)
    table.integer('openings').notNullable().defaultTo(0)
    table.bigInteger('opened_at')
    table.bigInteger('retry_at')
    table.integer('last_status')
    table.text('last_answer')
    table.index(['user_id'])
  })

  await db.schema.createTable('webhook_secrets', (table) => {
    table.text('destination').primary()
    table.text('user_id').references('id').inTable('users').onDelete('cascade')
    table.text('sealed_secret').notNullable()
    table.text('sealed_previous').notNullable()
    table.bigInteger('previous_until').notNullable()
    table.index(['user_id'])
  })

  await db.schema.createTable('attempts', (table) => {
    table.bigIncrements('id')
    table.bigInteger('delivery_seq').notNullable().references('seq').inTable('deliveries').onDelete('cascade')
    table.bigInteger('at').notNullable()
    table.integer('latency_ms').notNullable()
    table.integer('status')
    table.text('request').notNullable()
    table.text('answer').notNullable()
    table.index(['delivery_seq'])
  })

  await db.schema.alterTable('lanes', (table) => {
    table.integer('parked').notNullable().defaultTo(0)
    table.bigInteger('leased_to')
    table.index(['destination'])
  })
}

export async function down(db: Knex): Promise<void> {
  await db.schema.alterTable('lanes', (table) => {
    table.dropIndex(['destination'])
    table.dropColumn('leased_to')
    table.dropColumn('parked')
  })
  await db.schema.dropTable('attempts')
  await db.schema.dropTable('webhook_secrets')
  await db.schema.dropTable('destinations')
}
