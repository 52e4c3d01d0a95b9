/**
 * A simulated WhatsApp that the real client connects to: Noise handshake, linking, relay of ciphertext, groups, media.
 * It is a blind relay; contacts (`peer.ts`) are Signal endpoints of their own.
 *
 * | Request | Changes | Answer |
 * | --- | --- | --- |
 * | registration handshake | an applicant with six refs | `<pair-device>` |
 * | `md` link_code_companion_reg | the code exchange of the applicant | ref, later `pair-success` |
 * | `md` ref, passkey_request_options, passkey_prologue before linking | the ref of a passkey linking | the ref, the WebAuthn request, ok or 400 |
 * | `<pair-device-sign>` | a linked device; device lists of those who know the account | `<stream:error code="515"/>` |
 * | login handshake | the connection of the device; an earlier one is replaced | `<success>`, missed stanzas, `<offline count>`, or `<failure>` |
 * | `<message>` | nothing; a copy waits for each companion until it is acknowledged | `<ack class="message">`, with the hash of the devices of a chat of two or a group |
 * | `<receipt>` | drops the acknowledged copy | `<ack class="receipt">`, routed to the author and the reader's devices |
 * | `<presence>` `<chatstate>` | availability, last seen, push name, watchers | relayed to watchers, chat partners |
 * | `<call>` | nothing | `<ack class="call">`, relayed; `link_create` answered with a token |
 * | `encrypt` count, digest, key, rotate, upload | the signed key; stock of one-time keys (each handed out once) | counts, bundles; 404 for a digest before the first upload |
 * | `usync` | who is told about changed device lists | devices, lid, contact, username, status, picture, business, bot, disappearing_mode |
 * | `w:g2` | groups, members, ranks, details, invitations, join requests | metadata; `w:gp2` notifications to members |
 * | `w:g2` create with parent or linked_parent, links, unlink, sub_groups, linked_groups_participants, pictures | communities, what groups they hold, and who is in them | the groups; notifications to the community, the group, and the groups beside it |
 * | `bot` | nothing | the two characters of `bots.ts` |
 * | `w:mex`, by the numbers of `mex.ts` | channels and their followers; the about text | JSON as GraphQL tells it, also of limits; `mex` notifications to the follower; `status` to those who know the account |
 * | `newsletter` | who is told of new counts | posts, changed posts; `newsletter` notifications for 300 seconds |
 * | `<message>`, `<status>` to a channel | a post or status; `edit` 3 or 8 changes or empties the post of that id | `<ack>` with the server's number; the same to the followers' companions |
 * | `privacy` | settings; tokens of trusted contacts | settings; `privacy_token` notification to the trusted |
 * | `blocklist`, `disappearing_mode` | the account's own | the new state; `account_sync` to its devices |
 * | `w:profile:picture`, `status`, `w:biz` | picture, about text, status audience, business profile | picture or 404; notifications to those who know the account |
 * | `w:biz` business_profile set | description, address, e-mail, website of the own business | ok; 403 for a person, 400 for a text that is too long |
 * | `w:biz:catalog` product_catalog, product_list, collections | nothing | what the reader sees, page by page; 404 for whoever has no catalogue |
 * | `w:biz:catalog` product_catalog_create, _add, _edit, _delete | the own catalogue; an edit replaces the product | the product; 403 for a person, 404 before the catalogue and for unknown products, 400 for bad ones |
 * | `fb:thrift_iq` order | nothing | items and prices; 404 for an unknown order, 401 for a wrong token |
 * | `fb:thrift_iq` request profile_typeahead | nothing | ten categories of businesses |
 * | `w:m` media_conn | nothing | the media host; `POST /mms/...` stores a file, `POST /product/image/...` a JPEG as it is, `GET /v/...?oh=&oe=` returns it, `DELETE /mms/...` takes it back |
 * | `md` remove-companion-device | the device is gone, its next login fails with 401 | ok |
 * | `w:sync:app:state` | the account's shared settings | newer patches, beside a 409 too; 400 for a collection there is not; `server_sync` to its other devices |
 * | `abt`, `passive`, `w:p`, dirty, push, tos | nothing | feature switches or ok |
 * | other HTTP | scripted, see `control.ts` | the control plane |
 * | anything else | counted in `network.unknownQueries` | ok |
 */
import type { ControlOptions } from './control/route.ts'
import { Peer } from './peer/peer.ts'
import { openDoorway } from './server/doorway.ts'
import { DEFAULT_HOST, WhatsAppServer } from './server/server.ts'
import { Network, type PhoneFactory } from './world/network.ts'

export { handleControl, readControlBody, refuseControl } from './control/control.ts'
export { ControlError } from './control/route.ts'
// The rest of the program loads this folder as a whole and through this file alone.
export { clientOptions } from './server/client-options.ts'

/** Where to listen (default: a free port of this machine alone), and what the control plane may know. */
export interface SandboxOptions {
  host?: string
  port?: number
  control?: ControlOptions
  /** Makes the phones; by default contacts that decrypt, answer and can be scripted. */
  makePhone?: PhoneFactory
}

/** A running simulated WhatsApp. */
export interface Sandbox {
  /** `ws://…/ws/chat`, for `clientOptions`. */
  readonly url: string
  /** `http://…` of the control plane. */
  readonly controlUrl: string
  /** Public root key of the certificates it shows, for `WA_CERT_DETAILS.PUBLIC_KEY`. */
  readonly rootKey: Buffer<ArrayBuffer>
  /** The world: accounts, groups, faults. */
  readonly network: Network
  /** Connections, linking, and recent stanzas; it may be stopped and started while the world stays. */
  readonly server: WhatsAppServer
  stop(): Promise<void>
}

/** Starts an empty world behind one port: WebSocket endpoint, media host and control plane. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const makePhone = options.makePhone ?? ((account) => new Peer(network, account))
  const network: Network = new Network({ makePhone })
  const server: WhatsAppServer = new WhatsAppServer(
    network,
    openDoorway(() => sandbox, {
      host: options.host ?? DEFAULT_HOST,
      options: options.control,
      servesMedia: true,
    }),
  )
  await server.start(options)
  const sandbox: Sandbox = {
    url: server.url,
    controlUrl: server.httpUrl,
    rootKey: server.identity.rootKey,
    network,
    server,
    stop: () => server.stop(),
  }
  return sandbox
}
