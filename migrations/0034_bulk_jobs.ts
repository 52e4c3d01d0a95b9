import type { Knex } from 'knex'

/** Messages to many people: what is to be sent, how fast, and how far each row is. */
export async function up(db: Knex): Promise<void> {
  await db.schema.createTable('bulk_jobs', (table) => {
    table.text('id').primary()
    table.text('user_id').notNullable().references('id').inTable('users').onDelete('cascade').index()
    table.text('name').notNullable()
    table.text('state').notNullable()
    // Why it paused by itself, '' otherwise.
    table.text('reason').notNullable()
    table.integer('per_minute').notNullable()
    table.integer('per_day').notNullable()
    // Rows that failed since one was sent.
    table.integer('failures').notNullable()
    table.bigInteger('created_at').notNullable()
    table.bigInteger('started_at')
    table.bigInteger('ended_at')
    // When the next row may be sent.
    table.bigInteger('next_at').notNullable()
  })
  await db.raw(`create index bulk_jobs_running on bulk_jobs (next_at) where state = 'running'`)
  await db.schema.createTable('bulk_rows', (table) => {
    table.text('job_id').notNullable().references('id').inTable('bulk_jobs').onDelete('cascade')
    table.integer('line').notNullable()
    table.text('phone').notNullable()
    table.text('text').notNullable()
    table.text('media_url').notNullable()
    table.text('state').notNullable()
    table.text('reason').notNullable()
    table.text('message_id').notNullable()
    table.integer('attempts').notNullable()
    table.bigInteger('sent_at')
    table.primary(['job_id', 'line'])
  })
  await db.raw('create index bulk_rows_states on bulk_rows (job_id, state, line)')
}

export async function down(db: Knex): Promise<void> {
  await db.schema.dropTable('bulk_rows')
  await db.schema.dropTable('bulk_jobs')
}
