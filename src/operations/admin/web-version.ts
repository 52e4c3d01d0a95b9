import { ApiError } from '../../lib/errors.ts'
import type { WebVersionStatus } from '../../whatsapp/library/version.ts'
import type { Services } from '../services.ts'

/** The version of WhatsApp Web that new connections of this process name. */
export function webVersion({ webVersion }: Services): WebVersionStatus {
  return webVersion.status
}

/** What came of looking for a newer one. */
export interface Refreshed extends WebVersionStatus {
  /** Whether WhatsApp was asked: not when that was done a moment ago. */
  isRefreshed: boolean
}

/**
 * Looks for the current version now; without `force` only when the last look, failed ones included, is old enough. Throws
 * `upstream_refused` when it could not be read.
 */
export async function refreshWebVersion(
  { webVersion, config }: Services,
  { force }: { force: boolean },
  now = Date.now(),
): Promise<Refreshed> {
  const last = webVersion.status.refreshedAt
  if (!force && last !== null && now - last < config.versionRefreshMinMs)
    return { ...webVersion.status, isRefreshed: false }
  await webVersion.refresh()
  const { error } = webVersion.status
  if (error !== '') throw new ApiError('upstream_refused', { text: error })
  return { ...webVersion.status, isRefreshed: true }
}
