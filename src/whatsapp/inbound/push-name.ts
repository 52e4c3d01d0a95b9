import type { AccountEvent } from '../../events/event.ts'
import type { WASocket } from '../library/engine.ts'

/** Tells when the account's own display name is learnt or changes, on the phone or through the API. */
export function watchPushName({ ev, authState }: WASocket, record: (event: AccountEvent) => void): void {
  let known = authState.creds.me?.name
  ev.on('creds.update', ({ me }) => {
    const name = me?.name
    if (!name || name === known) return
    known = name
    // The library does not say when the phone made the change, nor whether it is part of a first synchronisation.
    const timestamp = Math.floor(Date.now() / 1000)
    record({ type: 'account.name', name, timestamp, fromFullSync: false })
  })
}
