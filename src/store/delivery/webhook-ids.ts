/** The id of a user's webhook: what limits, breakers and secrets of its receiver go by. `target` is the id without user. */
export function webhookId(target: string, userId: string): string {
  const { slot, key } = parseTarget(target)
  return `${slot}:${userId}${key && `/${key}`}`
}

/** The target and the user in the id of a webhook; a shared one has no user. */
export function parseWebhookId(id: string): { target: string; userId: string } {
  const [slot = '', owner = ''] = id.split(':')
  const [userId = '', key = ''] = owner.split('/')
  return { target: key ? `${slot}/${key}` : slot, userId }
}

/** The slot and the key in a target; the first webhook of a slot has no key. */
export function parseTarget(target: string): { slot: string; key: string } {
  const [slot = '', key = ''] = target.split('/')
  return { slot, key }
}
