import { randomInt } from 'node:crypto'
import { isGroupJid } from '../../lib/jid.ts'
import type { Account, Picture } from '../world/account.ts'
import { businessProfile } from '../world/business.ts'
import type { Group } from '../world/group.ts'
import type { Network } from '../world/network.ts'
import { bytes, children, node, text } from '../world/node.ts'
import { setAbout } from './about.ts'
import { notifyGroup } from './group-changes.ts'
import { type Answer, type Query, type QueryFamily, refusals } from './query.ts'

/** How a JPEG begins, the only format it takes. */
const JPEG = Buffer.from([0xff, 0xd8, 0xff])
/** In characters; more of a text is refused. */
const LONGEST: [tag: string, characters: number][] = [
  ['description', 512],
  ['address', 256],
  ['email', 128],
]

/** `w:profile:picture`, `status` and `w:biz`: how accounts and groups present themselves. */
export const profile: Record<string, QueryFamily> = {
  'w:profile:picture'(query) {
    return query.request.attrs.type === 'set' ? changePicture(query) : showPicture(query)
  },

  status({ network, from, request, what }) {
    if (request.attrs.type !== 'set') return [statusAudiences(from.account)]
    setAbout(network, from.account, { text: text(what) ?? '' })
    return undefined
  },

  'w:biz'({ network, from, request, what }) {
    if (request.attrs.type === 'set') return changeBusiness(from.account, what)
    const profiles = children(what).flatMap(({ attrs }) => {
      const business = network.findAccount(attrs.jid ?? '')?.business
      return business ? [businessProfile(attrs.jid ?? '', business)] : []
    })
    return [node('business_profile', { v: what.attrs.v }, profiles)]
  },
}

function statusAudiences({ statusAudiences: audiences }: Account) {
  // Without a list of its own, an account shows its statuses to its contacts; the service says "not found".
  if (audiences.length === 0) throw refusals.notFound()
  const lists = audiences.map(({ type, list }, index) =>
    node(
      'list',
      { type, default: index === 0 ? 'true' : undefined },
      list.map((account) => node('user', { jid: account.jid() })),
    ),
  )
  return node('privacy', {}, lists)
}

function findOwner(network: Network, jid: string): Account | Group {
  const owner = isGroupJid(jid) ? network.findGroup(jid) : network.findAccount(jid)
  if (!owner) throw refusals.notFound()
  return owner
}

function showPicture({ network, from, request, what }: Query): Answer {
  const target = request.attrs.target ?? from.account.jid()
  const owner = findOwner(network, target)
  if (!owner.picture) throw refusals.notFound()
  if ('privacy' in owner && owner !== from.account && owner.privacy.get('profile') === 'none') {
    throw refusals.notAuthorized()
  }
  // Whoever names the picture it has is told nothing new (whatsmeow 2026-09-21).
  if (what.attrs.id === owner.picture.id) return []
  const { directPath } = network.media.put(owner.picture.jpeg)
  return [
    node('picture', {
      id: owner.picture.id,
      type: what.attrs.type ?? 'image',
      url: network.pictureUrl(directPath),
      direct_path: directPath,
    }),
  ]
}

function changePicture({ network, from, request, what }: Query): Answer {
  const target = request.attrs.target
  const owner = target ? findOwner(network, target) : from.account
  const jpeg = bytes(what)
  // whatsmeow 2026-09-21 knows 406 as "not a valid image".
  if (jpeg && !jpeg.subarray(0, JPEG.length).equals(JPEG)) throw refusals.notAcceptable()
  const picture: Picture | undefined = jpeg && { id: String(randomInt(1_000_000_000, 2_000_000_000)), jpeg }

  if ('members' in owner) {
    if (!owner.members.has(from.account) || (owner.locked && !owner.isAdmin(from.account)))
      throw refusals.forbidden()
    owner.picture = picture
    notifyGroup(network, owner, {
      author: from,
      type: 'picture',
      change: pictureChange(owner.jid, from, picture),
    })
  } else {
    if (owner !== from.account) throw refusals.forbidden()
    owner.picture = picture
    const audience = new Set(owner.deviceListReaders).add(owner)
    network.notify(audience, { from: owner.jid(), type: 'picture' }, [
      pictureChange(owner.jid(), from, picture),
    ])
  }
  return picture ? [node('picture', { id: picture.id })] : undefined
}

function pictureChange(jid: string, author: Query['from'], picture: Picture | undefined) {
  const attrs = { jid, author: author.account.jid() }
  return picture ? node('set', { ...attrs, id: picture.id }) : node('delete', attrs)
}

/** Only what is said changes; an empty text takes away. */
function changeBusiness(account: Account, what: Query['what']): Answer {
  const { v, mutation_type: kind } = what.attrs
  if (what.tag !== 'business_profile' || v !== '3' || kind !== 'delta') throw refusals.badRequest()
  if (!account.business) throw refusals.forbidden()
  const fields = Object.fromEntries(children(what).map((part) => [part.tag, text(part) ?? '']))
  for (const [tag, longest] of LONGEST) {
    if ((fields[tag]?.length ?? 0) > longest) throw refusals.badRequest()
  }
  account.business = {
    ...account.business,
    ...(fields.description !== undefined && { description: fields.description }),
    ...(fields.email !== undefined && { email: fields.email }),
    ...(fields.website !== undefined && { website: fields.website }),
    ...(fields.address !== undefined && { address: fields.address }),
  }
  return undefined
}
