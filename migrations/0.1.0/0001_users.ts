import type { Knex } from 'knex'

/** One row per user: an API token and the WhatsApp session behind it. Columns named `sealed_*` are encrypted. */
export async function up(db: Knex): Promise<void> {
  await db.schema.createTable('users', (table) => {
    table.text('id').primary()
    table.text('name').notNullable()
    table.text('sealed_token').notNullable()
    table.text('token_index').unique()
    table.text('webhook').notNullable().defaultTo('')
    table.text('events').notNullable().defaultTo('')
    table.text('jid').notNullable().defaultTo('')
    table.boolean('wanted').notNullable().defaultTo(false)
    table.bigInteger('expiration').notNullable().defaultTo(0)
    table.integer('history').notNullable().defaultTo(0)
    table.integer('days_to_sync_history').notNullable().defaultTo(0)
    table.text('sealed_proxy_url').notNullable().defaultTo('')
    table.boolean('webhook_use_proxy').notNullable().defaultTo(true)
    table.boolean('s3_enabled').notNullable().defaultTo(false)
    table.text('s3_endpoint').notNullable().defaultTo('')
    table.text('s3_region').notNullable().defaultTo('')
    table.text('s3_bucket').notNullable().defaultTo('')
    table.text('sealed_s3_access_key').notNullable().defaultTo('')
    table.text('sealed_s3_secret_key').notNullable().defaultTo('')
    table.boolean('s3_path_style').notNullable().defaultTo(false)
    table.text('s3_public_url').notNullable().defaultTo('')
    table.integer('s3_retention_days').notNullable().defaultTo(0)
    table.text('media_delivery').notNullable().defaultTo('')
    table.text('sealed_hmac_key').notNullable().defaultTo('')
    table.text('profile').notNullable().defaultTo('')
    table.bigInteger('created_at').notNullable()
    table.index(['wanted'])
  })
}

export async function down(db: Knex): Promise<void> {
  await db.schema.dropTable('users')
}
