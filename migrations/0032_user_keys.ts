import type { Knex } from 'knex'

/**
 * Further keys of users that may do less than their tokens, and logins of people who may look at users and change nothing;
 * what is stored of a key is a keyed hash.
 */
export async function up(db: Knex): Promise<void> {
  await db.schema.createTable('user_keys', (table) => {
    table.text('id').primary()
    table.text('user_id').notNullable().references('id').inTable('users').onDelete('cascade').index()
    table.text('name').notNullable()
    table.text('power').notNullable()
    table.text('key_hash').notNullable().unique()
    // Its beginning and its end, to recognise it.
    table.text('masked_key').notNullable()
    table.bigInteger('created_at').notNullable()
    table.bigInteger('last_used_at')
    table.bigInteger('expires_at')
  })
  await db.schema.createTable('logins', (table) => {
    table.text('id').primary()
    table.text('name').notNullable()
    table.text('power').notNullable()
    table.text('key_hash').notNullable().unique()
    // Its beginning and its end, to recognise it.
    table.text('masked_key').notNullable()
    // A JSON array of the ids of users it may look at; null for all.
    table.text('user_ids')
    table.bigInteger('created_at').notNullable()
    table.bigInteger('last_used_at')
    table.bigInteger('expires_at')
  })
}

export async function down(db: Knex): Promise<void> {
  await db.schema.dropTable('logins')
  await db.schema.dropTable('user_keys')
}
