/** A user's id in the form of a UUID, which is what devices are called. */
export function deviceIdOf(userId: string): string {
  return userId.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** The user's id; undefined for what is no UUID. */
export function userIdOf(deviceId: string): string | undefined {
  const id = deviceId.toLowerCase()
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id) ? id.replaceAll('-', '') : undefined
}
