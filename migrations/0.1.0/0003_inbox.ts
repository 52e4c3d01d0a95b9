import type { Knex } from 'knex'

/**
 * Decrypted messages, written in the commit of the ratchet that decrypted them. A row waits to become events, then
 * stays for a day so that a redelivery of the same ciphertext finds its plaintext.
 */
export async function up(db: Knex): Promise<void> {
  await db.schema.createTable('inbox', (table) => {
    table.bigIncrements('seq')
    table.text('user_id').notNullable().references('id').inTable('users').onDelete('cascade')
    table.text('digest').notNullable()
    table.text('attrs').notNullable()
    table.text('meta').notNullable()
    table.integer('enc_index').notNullable()
    table.text('enc_attrs').notNullable()
    table.text('sealed_plaintext').notNullable()
    table.bigInteger('received_at').notNullable()
    table.bigInteger('dispatched_at')
    table.bigInteger('failed_at')
    table.text('failure')
    table.unique(['user_id', 'digest'])
  })
  await db.raw('create index inbox_pending on inbox (seq) where dispatched_at is null and failed_at is null')
  await db.raw('create index inbox_dispatched on inbox (dispatched_at) where dispatched_at is not null')
  await db.raw('create index inbox_failed on inbox (failed_at) where failed_at is not null')
}

export async function down(db: Knex): Promise<void> {
  await db.schema.dropTable('inbox')
}
