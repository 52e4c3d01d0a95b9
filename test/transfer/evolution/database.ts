import { randomUUID } from 'node:crypto'
import type { Database } from '../../../src/store/database/database.ts'

/** As its releases make them, with the columns that are read and some that are not. */
const TABLES = `
  create type "InstanceConnectionStatus" as enum ('open', 'close', 'connecting');
  create table "Instance" (
    "id" text primary key, "name" varchar(255) not null unique,
    "connectionStatus" "InstanceConnectionStatus" not null default 'open',
    "ownerJid" varchar(100), "integration" varchar(100), "number" varchar(100), "token" varchar(255),
    "clientName" varchar(100), "createdAt" timestamp default current_timestamp, "updatedAt" timestamp);
  create table "Session" (
    "id" text primary key, "sessionId" text not null unique references "Instance" on delete cascade,
    "creds" text, "createdAt" timestamp not null default current_timestamp);
  create table "Contact" (
    "id" text primary key, "remoteJid" varchar(100) not null, "pushName" varchar(100),
    "profilePicUrl" varchar(500), "instanceId" text not null references "Instance" on delete cascade);
  create table "Webhook" (
    "id" text primary key, "url" varchar(500) not null, "enabled" boolean default true, "events" jsonb,
    "headers" jsonb, "instanceId" text not null unique references "Instance" on delete cascade);
  create table "Proxy" (
    "id" text primary key, "enabled" boolean not null default false, "host" varchar(100) not null,
    "port" varchar(100) not null, "protocol" varchar(100) not null, "username" varchar(100) not null,
    "password" varchar(100) not null, "instanceId" text not null unique references "Instance" on delete cascade);
  create table "Setting" (
    "id" text primary key, "rejectCall" boolean not null default false,
    "groupsIgnore" boolean not null default false, "alwaysOnline" boolean not null default false,
    "readMessages" boolean not null default false, "readStatus" boolean not null default false,
    "syncFullHistory" boolean not null default false,
    "instanceId" text not null unique references "Instance" on delete cascade);
`

/** Makes the tables in a schema of a PostgreSQL database, and yields what writes rows of an instance into them. */
export async function createTables(db: Database, schema: string) {
  await db.raw(`create schema if not exists "${schema}"`)
  await db.transaction(async (trx) => {
    await trx.raw(`set local search_path to "${schema}"`)
    await trx.raw(TABLES)
  })
  return async (table: string, row: Record<string, unknown>): Promise<void> => {
    await db(table)
      .withSchema(schema)
      .insert({ id: randomUUID(), ...row })
  }
}
