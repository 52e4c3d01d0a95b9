import type { Transaction } from '../../store/database/database.ts'

interface Table {
  /** With their types, which SQLite takes as they are. */
  columns: Record<string, string>
  key: string[]
  /** The column that names the device the rows belong to. */
  device?: 'jid' | 'our_jid'
}

/** Bytes of one length; the `?` stands for the name of the column. */
const exactly = (length: number) => `bytea not null check (length(?) = ${length})`
const flag = 'boolean not null default false'
const label = `text not null default ''`

/**
 * The tables of whatsmeow as of its schema 11, which every release since its eighth can use: a newer one adds what it
 * lacks when it starts, an older one leaves alone what it does not know.
 */
const SCHEMA = { version: 11, compat: 8 }
const TABLES: Record<string, Table> = {
  whatsmeow_device: {
    key: ['jid'],
    columns: {
      jid: 'text',
      lid: 'text',
      facebook_uuid: 'uuid',
      registration_id: 'bigint not null check (? >= 0 and ? < 4294967296)',
      noise_key: exactly(32),
      identity_key: exactly(32),
      signed_pre_key: exactly(32),
      signed_pre_key_id: 'integer not null check (? >= 0 and ? < 16777216)',
      signed_pre_key_sig: exactly(64),
      adv_key: 'bytea not null',
      adv_details: 'bytea not null',
      adv_account_sig: exactly(64),
      adv_account_sig_key: exactly(32),
      adv_device_sig: exactly(64),
      platform: label,
      business_name: label,
      push_name: label,
      lid_migration_ts: 'bigint not null default 0',
    },
  },
  whatsmeow_identity_keys: {
    device: 'our_jid',
    key: ['our_jid', 'their_id'],
    columns: { our_jid: 'text', their_id: 'text', identity: exactly(32) },
  },
  whatsmeow_pre_keys: {
    device: 'jid',
    key: ['jid', 'key_id'],
    columns: {
      jid: 'text',
      key_id: 'integer check (? >= 0 and ? < 16777216)',
      key: exactly(32),
      uploaded: 'boolean not null',
    },
  },
  whatsmeow_sessions: {
    device: 'our_jid',
    key: ['our_jid', 'their_id'],
    columns: { our_jid: 'text', their_id: 'text', session: 'bytea' },
  },
  whatsmeow_sender_keys: {
    device: 'our_jid',
    key: ['our_jid', 'chat_id', 'sender_id'],
    columns: { our_jid: 'text', chat_id: 'text', sender_id: 'text', sender_key: 'bytea not null' },
  },
  whatsmeow_app_state_sync_keys: {
    device: 'jid',
    key: ['jid', 'key_id'],
    columns: {
      jid: 'text',
      key_id: 'bytea',
      key_data: 'bytea not null',
      timestamp: 'bigint not null',
      fingerprint: 'bytea not null',
    },
  },
  whatsmeow_app_state_version: {
    device: 'jid',
    key: ['jid', 'name'],
    columns: { jid: 'text', name: 'text', version: 'bigint not null', hash: exactly(128) },
  },
  whatsmeow_app_state_mutation_macs: {
    key: ['jid', 'name', 'version', 'index_mac'],
    columns: {
      jid: 'text',
      name: 'text',
      version: 'bigint',
      index_mac: 'bytea check (length(?) = 32)',
      value_mac: exactly(32),
    },
  },
  whatsmeow_contacts: {
    device: 'our_jid',
    key: ['our_jid', 'their_jid'],
    columns: {
      our_jid: 'text',
      their_jid: 'text',
      first_name: 'text',
      full_name: 'text',
      push_name: 'text',
      business_name: 'text',
      redacted_phone: 'text',
    },
  },
  whatsmeow_chat_settings: {
    device: 'our_jid',
    key: ['our_jid', 'chat_jid'],
    columns: {
      our_jid: 'text',
      chat_jid: 'text',
      muted_until: 'bigint not null default 0',
      pinned: flag,
      archived: flag,
    },
  },
  whatsmeow_message_secrets: {
    device: 'our_jid',
    key: ['our_jid', 'chat_jid', 'sender_jid', 'message_id'],
    columns: {
      our_jid: 'text',
      chat_jid: 'text',
      sender_jid: 'text',
      message_id: 'text',
      key: 'bytea not null',
    },
  },
  whatsmeow_privacy_tokens: {
    key: ['our_jid', 'their_jid'],
    columns: {
      our_jid: 'text',
      their_jid: 'text',
      token: 'bytea not null',
      timestamp: 'bigint not null',
    },
  },
  whatsmeow_lid_map: { key: ['lid'], columns: { lid: 'text', pn: 'text not null unique' } },
  whatsmeow_event_buffer: {
    device: 'our_jid',
    key: ['our_jid', 'ciphertext_hash'],
    columns: {
      our_jid: 'text not null',
      ciphertext_hash: exactly(32),
      plaintext: 'bytea',
      server_timestamp: 'bigint not null',
      insert_timestamp: 'bigint not null',
    },
  },
}

/** Makes the tables in a database that has none of them. */
export async function createTables(trx: Transaction): Promise<void> {
  for (const [name, table] of Object.entries(TABLES)) await trx.raw(statementOf(name, table))
  await trx.raw('create table whatsmeow_version (version integer, compat integer)')
  await trx('whatsmeow_version').insert(SCHEMA)
}

function statementOf(name: string, { columns, key, device }: Table): string {
  const parts = [
    ...Object.entries(columns).map(([column, type]) => `${column} ${type.replaceAll('?', column)}`),
    `primary key (${key.join(', ')})`,
    ...(device ? [reference(device, 'whatsmeow_device', 'jid')] : []),
    ...(name.endsWith('_macs') ? [reference('jid, name', 'whatsmeow_app_state_version', 'jid, name')] : []),
  ]
  return `create table ${name} (${parts.join(', ')})`
}

function reference(columns: string, table: string, theirs: string): string {
  return `foreign key (${columns}) references ${table} (${theirs}) on delete cascade on update cascade`
}
