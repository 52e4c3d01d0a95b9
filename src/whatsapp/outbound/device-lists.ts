import type { CacheView } from '../library/caches.ts'
import type { BinaryNode, WASocket } from '../library/engine.ts'
import { userPart } from '../wire/jid.ts'
import { child, children } from '../wire/node.ts'

/**
 * Forgets the device lists that WhatsApp says have changed and that the library would use for as long as they are cached:
 * it does not read the list of the account's own devices in `account_sync`, and of a contact's device only the one address
 * in `jid`, while the list of a chat addressed otherwise stays as it was. Whatever device is missing gets no messages.
 */
export function forgetChangedDevices(socket: WASocket, lists: Pick<CacheView, 'mdel'>): void {
  const forget = (jids: (string | undefined)[]) => void lists.mdel(jids.map(userPart).filter(Boolean))

  socket.ws.on('CB:notification,type:account_sync', (stanza: BinaryNode) => {
    const { me } = socket.authState.creds
    if (child(stanza, 'devices')) forget([me?.id, me?.lid])
  })
  socket.ws.on('CB:notification,type:devices', (stanza: BinaryNode) => {
    const devices = children(stanza).flatMap(children)
    forget([stanza.attrs.lid, ...devices.map(({ attrs }) => attrs.lid)])
  })
}
