const version = 'the version of this server, and the one that its library knows'
const refreshed = 'the simulated network takes every version: nothing is fetched, and nothing can fail'
const decoded = 'what is percent-encoded in a path is decoded in all routes alike'
const gone = 'a deleted device is unknown at once: its token is refused'
const noClient = 'a session that will not come back by itself is let go, so there is no client'
const unlinked = 'a device that was linked is told to link again, whoever has unlinked it'

/** Where the administrator, the devices and the server itself answer differently on purpose. */
export const intended: { route: string; case: string; reason: string }[] = [
  {
    route: 'GET /',
    case: 'HTTP_BASE_URL=/api/v1/: the bare root',
    reason: 'the pages of this server stay at the root',
  },
  { route: 'GET /docs/*', case: 'unknown file', reason: 'the whole path is named' },
  { route: 'GET /admin/health', case: 'ok, nothing there yet', reason: version },
  { route: 'GET /admin/health', case: 'ok', reason: version },
  { route: 'GET /admin/whatsapp/version', case: 'ok, nothing there yet', reason: version },
  { route: 'GET /admin/whatsapp/version', case: 'after a failed refresh', reason: refreshed },
  { route: 'GET /admin/whatsapp/version', case: 'after a refresh', reason: refreshed },
  { route: 'POST /admin/whatsapp/version/refresh', case: 'page without a version', reason: refreshed },
  {
    route: 'POST /admin/whatsapp/version/refresh',
    case: 'force=false soon after (even a failed) refresh',
    reason: refreshed,
  },
  { route: 'POST /admin/whatsapp/version/refresh', case: 'ok', reason: refreshed },
  {
    route: 'POST /admin/whatsapp/version/refresh',
    case: 'force=false soon after a refresh',
    reason: refreshed,
  },
  { route: 'POST /admin/whatsapp/version/refresh', case: 'force=maybe', reason: refreshed },
  { route: 'GET /devices/me', case: 'token of a deleted device, moments after its last use', reason: gone },
  { route: 'GET /devices/me', case: 'token of a linked device of a deleted key', reason: gone },
  { route: 'GET /devices/me/status', case: 'after a failed pairing', reason: noClient },
  { route: 'GET /devices/me/status', case: 'after the phone unlinked it', reason: noClient },
  {
    route: 'GET /devices/me/status',
    case: 'after an unknown stream error',
    reason: 'a moment of a connection that comes back by itself; the sandbox ends it at once',
  },
  {
    route: 'GET /devices/me/status',
    case: '1.5 s after setting the proxy',
    reason: 'setting a proxy connects the device anew instead of leaving it offline',
  },
  { route: 'GET /admin/devices/status', case: 'ok, some linked', reason: noClient },
  { route: 'GET /admin/api-keys/{id}/devices/status', case: 'ok, some linked', reason: noClient },
  { route: 'POST /devices/me/reconnect', case: 'after logout', reason: unlinked },
  { route: 'DELETE /devices/me/session', case: 'again', reason: unlinked },
  { route: 'GET /devices/me/contacts/{phone}/registered', case: 'a blank', reason: decoded },
  { route: 'GET /devices/me/contacts/{phone}/registered', case: 'plus percent-encoded', reason: decoded },
  {
    route: 'POST /devices/me/proxy',
    case: 'other scheme',
    reason: 'what the caller did wrong is 400, not 500',
  },
]
