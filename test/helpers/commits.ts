/** Whether a statement, as Knex tells of it, is a commit of `GroupCommit`. */
export function isCommit(sql: string): boolean {
  return (
    sql.startsWith('insert into commit_') || /^with (held|written_keys|kept|taken_in|present)\b/.test(sql)
  )
}
