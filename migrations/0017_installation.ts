import type { Knex } from 'knex'

/**
 * What an installation remembers of itself. `secrets_in_use`: the secrets it depends on, so that a lost one is noticed
 * instead of being replaced; each row holds its own name, sealed, which only the encryption key of the database opens. `write_probe`: what is written into it and deleted at once shows whether the database can be written.
 */
export async function up(db: Knex): Promise<void> {
  await db.schema.createTable('secrets_in_use', (table) => {
    table.text('name').primary()
    table.text('sealed_name').notNullable()
  })
  await db.schema.createTable('write_probe', (table) => {
    table.text('filler').notNullable()
  })
}

export async function down(db: Knex): Promise<void> {
  await db.schema.dropTable('write_probe')
  await db.schema.dropTable('secrets_in_use')
}
