import type { Queryable } from '../database/database.ts'

interface ExportRow {
  user_id: string
  exported_at: number
}

/** Notes that the keys of a user's phone are at another server now. */
export async function noteExport(db: Queryable, userId: string): Promise<void> {
  await db<ExportRow>('exports')
    .insert({ user_id: userId, exported_at: Date.now() })
    .onConflict('user_id')
    .merge()
}

/** Whether the keys of a user's phone have gone to another server, and its session has not been open here since. */
export async function isExported(db: Queryable, userId: string): Promise<boolean> {
  const row = await db<ExportRow>('exports').where({ user_id: userId }).first()
  if (!row) return false
  const user: { last_active_at: number | null } | undefined = await db('users')
    .where({ id: userId })
    .first('last_active_at')
  return (user?.last_active_at ?? 0) <= row.exported_at
}
