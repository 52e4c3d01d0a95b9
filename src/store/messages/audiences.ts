import type { Queryable } from '../database/database.ts'

/** Names the people a message to a group or a status went to. */
export interface AudienceName {
  userId: string
  id: string
}

/** Stores whom messages go to, or notes that it is still in use. `at` in unix milliseconds. */
export async function keepAudience(
  db: Queryable,
  { userId, id, members, at }: AudienceName & { members: string[]; at: number },
): Promise<void> {
  await db('audiences')
    .insert({ user_id: userId, id, members: JSON.stringify(members), used_at: at })
    .onConflict(['user_id', 'id'])
    .merge(['used_at'])
}

/** The people of an audience, by JID without device, under every identity that was known of them. */
export async function findAudience(db: Queryable, { userId, id }: AudienceName): Promise<string[]> {
  const row: { members: string } | undefined = await db('audiences')
    .where({ user_id: userId, id })
    .first('members')
  return row ? JSON.parse(row.members) : []
}

/** Removes up to `limit` audiences last used before an instant (milliseconds); returns how many. */
export function pruneAudiences(db: Queryable, before: number, limit = 100): Promise<number> {
  const oldest = db('audiences')
    .select('user_id', 'id')
    .where('used_at', '<', before)
    .orderBy('used_at')
    .limit(limit)
  return db('audiences').whereIn(['user_id', 'id'], oldest).delete()
}
