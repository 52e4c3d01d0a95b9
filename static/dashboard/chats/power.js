/** A key with less power than the user's token sees no way to write. Servers that know no such keys say nothing of it. */
export async function askWhetherMaySend({ askUser, server, signal }) {
  if (!server.has('parley/me')) return true
  const { power } = await askUser('parley/me', { signal }).catch(() => ({}))
  return power === undefined || power === 'full' || power === 'send'
}
