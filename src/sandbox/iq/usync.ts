import { ownMember } from '../../lib/own-member.ts'
import { type BinaryNode, jidDecode } from '../../whatsapp/library/engine.ts'
import { type Account, BotAccount } from '../world/account.ts'
import { botProfile } from '../world/bots.ts'
import { verifiedName } from '../world/business.ts'
import { deviceListHash } from '../world/device-list.ts'
import { type Attributes, bytes, child, children, node, text } from '../world/node.ts'
import { aboutText } from './about.ts'
import { type Query, type QueryFamily, refusals } from './query.ts'

/** One protocol's part of the answer about one user; `asked` is the user as the client named it. */
type Protocol = (options: {
  query: Query
  account: Account | undefined
  asked: BinaryNode
}) => BinaryNode | undefined

const PROTOCOLS: Record<string, Protocol> = {
  // Of bots the service tells no devices: clients know that each has one.
  devices: ({ query, account, asked }) =>
    account && !(account instanceof BotAccount) ? deviceList(query, account, asked) : undefined,
  // A LID is told to those who asked by number; for a LID it would map the LID to itself.
  lid: ({ account, asked }) =>
    account && !(account instanceof BotAccount) && !isLid(asked)
      ? node('lid', { val: account.lidJid() })
      : undefined,
  contact: ({ account, asked }) =>
    // In the words of the question, as bytes: that is where clients read what was asked for.
    node('contact', { type: account ? 'in' : 'out' }, bytes(child(asked, 'contact'))),
  // Nobody here has chosen a name besides the number.
  username: ({ account }) => account && node('username'),
  status: ({ account }) => account && about(account),
  picture: ({ account }) => account && node('picture', { id: account.picture?.id }),
  business: ({ account }) =>
    account?.business ? node('business', {}, [verifiedName(account.business)]) : undefined,
  bot: ({ asked }) => botProfile(asked.attrs.jid ?? ''),
  disappearing_mode: ({ account }) =>
    account &&
    node('disappearing_mode', {
      duration: account.disappearingMode.durationSeconds,
      t: account.disappearingMode.setAt,
    }),
}

/** `usync`: answers each protocol named in `<query>` for each `<user>`, by JID or by `<contact>+number</contact>`. */
export const usync: Record<string, QueryFamily> = {
  usync(query) {
    const { what } = query
    if (what.tag !== 'usync') throw refusals.badRequest()
    const protocols = children(child(what, 'query'))
    const users = children(child(what, 'list')).map((asked) => describeUser(query, asked, protocols))
    const { sid, mode, context } = what.attrs
    return [
      node('usync', { sid, mode, context, index: 0, last: 'true' }, [
        node(
          'result',
          {},
          protocols.map(({ tag }) => node(tag)),
        ),
        node('list', {}, users),
      ]),
    ]
  },
}

function describeUser(query: Query, asked: BinaryNode, protocols: BinaryNode[]): BinaryNode {
  const { jid } = asked.attrs
  const number = jid === undefined ? numberIn(text(child(asked, 'contact'))) : undefined
  const account =
    number === undefined ? query.network.findAccount(jid ?? '') : query.network.findNumber(number)
  const byLid = protocols.some(({ tag, attrs }) => tag === 'contact' && attrs.addressing_mode === 'lid')
  const parts = protocols.map(({ tag }) => ownMember(PROTOCOLS, tag)?.({ query, account, asked }))
  return node(
    'user',
    number === undefined ? { jid } : contactAddresses(number, { account, byLid }),
    parts.filter((part) => part !== undefined),
  )
}

/**
 * The number a contact is asked by: `+4917…`, or `+4917…@c.us` (whatsmeow). A text that holds an address of another kind
 * is nobody's number, and is answered without any.
 */
function numberIn(contact: string | undefined): string | undefined {
  const [, number] = /^([+\d\s().-]*\d)(?:@c\.us)?$/.exec(contact ?? '') ?? []
  return number?.replace(/\D/g, '')
}

/**
 * Who was found under a number: the account is named by its own form of the number, whichever was asked for. Clients that ask
 * for LIDs get them as `jid` and the number as `pn_jid`; for a number without an account that leaves the latter (whatsmeow
 * 2026-09-21, `IsOnWhatsApp`).
 */
function contactAddresses(
  number: string,
  { account, byLid }: { account: Account | undefined; byLid: boolean },
): Attributes {
  const byNumber = account?.jid() ?? `${number}@s.whatsapp.net`
  return byLid ? { jid: account?.lidJid(), pn_jid: byNumber } : { jid: byNumber }
}

function deviceList({ from }: Query, account: Account, asked: BinaryNode): BinaryNode {
  const server = isLid(asked) ? 'lid' : 's.whatsapp.net'
  account.deviceListReaders.add(from.account)
  account.deviceListReadersBy[server].add(from.account)
  const list = [...account.devices.values()].map(({ id, keyIndex }) =>
    node('device', { id, 'key-index': keyIndex }),
  )
  return node('devices', {}, [
    node('device-list', { hash: deviceListHash([account], server) }, list),
    node('key-index-list', { ts: account.createdAt }),
  ])
}

function about(account: Account): BinaryNode {
  // Hidden texts are answered with a code instead of the text.
  if (account.privacy.get('status') === 'none') return node('status', { code: 401 })
  return node('status', { t: account.about.setAt }, Buffer.from(aboutText(account)))
}

function isLid(asked: BinaryNode): boolean {
  return jidDecode(asked.attrs.jid)?.server === 'lid'
}
