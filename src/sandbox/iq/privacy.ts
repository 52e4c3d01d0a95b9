import { randomBytes } from 'node:crypto'
import { type BinaryNode, jidNormalizedUser } from '../../whatsapp/library/engine.ts'
import type { Account } from '../world/account.ts'
import { children, node, unixSeconds } from '../world/node.ts'
import { type Answer, type Query, type QueryFamily, refusals } from './query.ts'

const ANYBODY = ['all', 'contacts', 'contact_blacklist', 'none']
/** What each category can be set to (whatsmeow 2026-09-21); anything else is refused. */
const CHOICES = new Map<string, string[]>([
  ['groupadd', ANYBODY],
  ['last', ANYBODY],
  ['status', ANYBODY],
  ['profile', ANYBODY],
  ['readreceipts', ['all', 'none']],
  ['online', ['all', 'match_last_seen']],
  ['calladd', ['all', 'known']],
  ['messages', ['all', 'contacts']],
  ['defense', ['on_standard', 'off']],
  ['stickers', ['contacts', 'contact_allowlist', 'none']],
])

/** `privacy`, `blocklist` and `disappearing_mode`: an account's own settings; changes are told to its other devices. */
export const privacy: Record<string, QueryFamily> = {
  privacy(query) {
    if (query.what.tag === 'tokens') return issueTokens(query)
    return query.request.attrs.type === 'set' ? changeCategories(query) : [categories(query.from.account)]
  },

  blocklist(query) {
    return query.request.attrs.type === 'set' ? changeBlocklist(query) : [blocklist(query.from.account)]
  },

  disappearing_mode({ network, from, request, what }) {
    const { account } = from
    if (request.attrs.type === 'set') {
      account.disappearingMode = { durationSeconds: Number(what.attrs.duration ?? 0), setAt: unixSeconds() }
      network.notify([account], { from: account.jid(), type: 'account_sync' }, [disappearingMode(account)])
    }
    return [disappearingMode(account)]
  },
}

function categories({ privacy: settings }: Account): BinaryNode {
  return node(
    'privacy',
    {},
    [...settings].map(([name, value]) => node('category', { name, value })),
  )
}

function changeCategories({ network, from, what }: Query): Answer {
  const { account } = from
  const wanted = children(what).map(({ attrs: { name = '', value = '' } }) => ({ name, value }))
  for (const { name, value } of wanted) {
    if (!CHOICES.get(name)?.includes(value)) throw refusals.badRequest()
  }
  for (const { name, value } of wanted) account.privacy.set(name, value)
  network.notify([account], { from: account.jid(), type: 'account_sync' }, [categories(account)])
  return [categories(account)]
}

function blocklist(account: Account): BinaryNode {
  // Whoever blocks names the number, too; it is not repeated.
  const items = [...account.blocklist].map((blocked) => node('item', { jid: blocked.lidJid() }))
  return node('list', { dhash: blocklistHash(account), addressing_mode: 'lid' }, items)
}

function blocklistHash({ blocklist: blocked }: Account): string {
  return String(1_000 + blocked.size)
}

function changeBlocklist({ network, from, what }: Query): Answer {
  const { account } = from
  const { jid = '', action } = what.attrs
  const other = network.findAccount(jid)
  if (!other || (action !== 'block' && action !== 'unblock')) throw refusals.badRequest()

  const before = blocklistHash(account)
  if (action === 'block') account.blocklist.add(other)
  else account.blocklist.delete(other)
  const change = node('blocklist', { action: 'modify', prev_dhash: before, dhash: blocklistHash(account) }, [
    node('item', { jid: other.lidJid(), action }),
  ])
  network.notify([account], { from: account.jid(), type: 'account_sync' }, [change])
  return [blocklist(account)]
}

function disappearingMode({ disappearingMode: { durationSeconds, setAt } }: Account): BinaryNode {
  return node('disappearing_mode', { duration: durationSeconds, t: setAt })
}

/** Trusting a contact: the contact is handed a token that it shows when it writes, asks for the picture or watches presence. */
function issueTokens({ network, from, what }: Query): Answer {
  const { account } = from
  for (const { attrs } of children(what)) {
    const trusted = network.findAccount(jidNormalizedUser(attrs.jid))
    if (!trusted || trusted === account) continue
    const timestamp = Number(attrs.t ?? unixSeconds())
    const token = trusted.tokens.get(account)?.token ?? randomBytes(16)
    trusted.tokens.set(account, { token, timestamp })
    network.notify([trusted], { from: account.jid(), sender_lid: account.lidJid(), type: 'privacy_token' }, [
      node('tokens', {}, [
        node('token', { jid: trusted.jid(), t: timestamp, type: 'trusted_contact' }, token),
      ]),
    ])
  }
  return undefined
}
