import type { Knex } from 'knex'

/** Accounts that came from other servers or went there, and what no other table has a place for. */
export async function up(db: Knex): Promise<void> {
  await db.schema.createTable('imports', (table) => {
    table.text('user_id').primary().references('id').inTable('users').onDelete('cascade')
    table.text('source').notNullable()
    table.text('device').notNullable()
    table.text('state').notNullable()
    // A JSON object: what was taken over, and what was not.
    table.text('report').notNullable()
    // A JSON object.
    table.text('sealed_extra').notNullable()
    table.bigInteger('imported_at').notNullable()
    table.bigInteger('opened_at')
    table.bigInteger('verified_at')
  })
  await db.schema.createTable('exports', (table) => {
    table.text('user_id').primary().references('id').inTable('users').onDelete('cascade')
    table.bigInteger('exported_at').notNullable()
  })
  await db.schema.createTable('message_secrets', (table) => {
    table.text('user_id').notNullable().references('id').inTable('users').onDelete('cascade')
    table.text('chat').notNullable()
    table.text('message_id').notNullable()
    table.text('sender').notNullable()
    table.text('sealed_secret').notNullable()
    table.primary(['user_id', 'message_id', 'chat', 'sender'])
  })
  await db.schema.createTable('chat_settings', (table) => {
    table.text('user_id').notNullable().references('id').inTable('users').onDelete('cascade')
    table.text('chat').notNullable()
    // Unix seconds; 0 = not muted, -1 = for ever.
    table.bigInteger('muted_until').notNullable()
    table.boolean('pinned').notNullable()
    table.boolean('archived').notNullable()
    table.primary(['user_id', 'chat'])
  })
}

export async function down(db: Knex): Promise<void> {
  await db.schema.dropTable('chat_settings')
  await db.schema.dropTable('message_secrets')
  await db.schema.dropTable('exports')
  await db.schema.dropTable('imports')
}
