import { isPostgres, type Transaction } from '../../store/database/database.ts'

/** Those of its releases until February 2026; a newer one adds what it lacks when it starts. */
const MIGRATIONS = [
  'initial_schema',
  'add_proxy_url',
  'change_id_to_string',
  'add_s3_support',
  'add_message_history',
  'add_quoted_message_id',
  'add_hmac_key',
  'add_data_json',
]

/** Makes the tables of a wuzapi in an empty database. */
export async function createUserTables(trx: Transaction): Promise<void> {
  const [serial, bytes] = isPostgres(trx)
    ? ['serial primary key', 'bytea']
    : ['integer primary key autoincrement', 'blob']
  await trx.raw(`create table migrations (
    id integer primary key, name text not null, applied_at timestamp default current_timestamp)`)
  await trx.raw(`create table users (
    id text primary key, name text not null, token text not null, webhook text not null default '',
    jid text not null default '', qrcode text not null default '', connected integer, expiration integer,
    events text not null default '', proxy_url text default '', s3_enabled boolean default false,
    s3_endpoint text default '', s3_region text default '', s3_bucket text default '',
    s3_access_key text default '', s3_secret_key text default '', s3_path_style boolean default true,
    s3_public_url text default '', media_delivery text default 'base64', s3_retention_days integer default 30,
    history integer default 0, hmac_key ${bytes})`)
  await trx.raw(`create table message_history (
    id ${serial}, user_id text not null, chat_jid text not null, sender_jid text not null,
    message_id text not null, timestamp timestamp not null, message_type text not null, text_content text,
    media_link text, quoted_message_id text, datajson text, unique (user_id, message_id))`)
  await trx.raw(`create index idx_message_history_user_chat_timestamp
    on message_history (user_id, chat_jid, timestamp desc)`)
  await trx('migrations').insert(MIGRATIONS.map((name, index) => ({ id: index + 1, name })))
}
