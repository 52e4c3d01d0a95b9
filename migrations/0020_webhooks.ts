import type { Knex } from 'knex'

/**
 * Where events of users go: every webhook is a row, whatever its dialect. The ids are those that deliveries, breakers
 * and secrets have known all along: `user:<user id>` for a webhook that was part of the user's row, and
 * `<dialect>:<user id>` for the others.
 */
export async function up(db: Knex): Promise<void> {
  await db.schema.createTable('webhooks', (table) => {
    table.text('id').primary()
    table.text('user_id').notNullable().references('id').inTable('users').onDelete('cascade')
    // The first word of its id: which of the webhook profiles it belongs to.
    table.text('slot').notNullable()
    table.text('url').notNullable().defaultTo('')
    table.text('events').notNullable().defaultTo('')
    // '' is the server's.
    table.text('format').notNullable().defaultTo('')
    table.text('sealed_key').notNullable().defaultTo('')
    // A JSON object.
    table.text('headers').notNullable().defaultTo('{}')
    table.bigInteger('created_at').notNullable()
    table.index(['user_id'])
  })
  await db.raw(`
    insert into webhooks (id, user_id, slot, url, events, sealed_key, created_at)
    select 'user:' || id, id, 'user', webhook, events, sealed_hmac_key, created_at from users
     where webhook <> '' or events <> '' or sealed_hmac_key <> ''`)
  await db.raw(`
    insert into webhooks (id, user_id, slot, url, events, created_at)
    select dialect || ':' || user_id, user_id, dialect, url, dialect_webhooks.events, users.created_at
      from dialect_webhooks join users on users.id = user_id`)
  await db.schema.dropTable('dialect_webhooks')
  // Not Knex's dropColumn, which copies the table on SQLite and with it ends every reference to it.
  for (const column of ['webhook', 'events', 'sealed_hmac_key'])
    await db.raw(`alter table users drop column ${column}`)
}

export async function down(db: Knex): Promise<void> {
  for (const column of ['webhook', 'events', 'sealed_hmac_key'])
    await db.raw(`alter table users add column ${column} text not null default ''`)
  await db.schema.createTable('dialect_webhooks', (table) => {
    table.text('user_id').notNullable().references('id').inTable('users').onDelete('cascade')
    table.text('dialect').notNullable()
    table.text('url').notNullable()
    table.text('events').notNullable()
    table.primary(['user_id', 'dialect'])
  })
  for (const [column, kept] of [
    ['webhook', 'url'],
    ['events', 'events'],
    ['sealed_hmac_key', 'sealed_key'],
  ])
    await db.raw(
      `update users set ${column} = coalesce(
         (select webhooks.${kept} from webhooks where webhooks.id = 'user:' || users.id), '')`,
    )
  await db.raw(`
    insert into dialect_webhooks (user_id, dialect, url, events)
    select user_id, slot, url, events from webhooks where slot <> 'user' and id = slot || ':' || user_id`)
  await db.schema.dropTable('webhooks')
}
