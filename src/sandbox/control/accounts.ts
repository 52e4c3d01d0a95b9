import { z } from 'zod'
import { limitsShape } from '../world/account.ts'
import { businessShape } from '../world/business.ts'
import { node } from '../world/node.ts'
import { ControlError, type ControlRoute, get, phoneOf, post } from './route.ts'

const audience = z.object({
  type: z.enum(['contacts', 'blacklist', 'whitelist']),
  list: z.array(z.string()).default([]),
})

/** What people do on their phones with accounts and groups, and a look at what those are set to. */
export const accountRoutes: ControlRoute[] = [
  get('/sandbox/contacts/:phone/account', ({ network, params }) => {
    const { account } = phoneOf(network, params.phone ?? '')
    return {
      about: account.about.text,
      privacy: Object.fromEntries(account.privacy),
      disappearingSeconds: account.disappearingMode.durationSeconds,
      picture: account.picture?.id ?? null,
      blocked: [...account.blocklist].map(({ phone }) => phone),
    }
  }),
  post('/sandbox/contacts/:phone/business', businessShape, ({ network, params, body }) => {
    phoneOf(network, params.phone ?? '').account.business = body
    return {}
  }),
  post('/sandbox/contacts/:phone/limits', limitsShape, ({ network, params, body }) => {
    phoneOf(network, params.phone ?? '').account.limits = body
    return {}
  }),
  post(
    '/sandbox/contacts/:phone/status-audience',
    z.object({ audiences: z.array(audience) }),
    ({ network, params, body }) => {
      const { account } = phoneOf(network, params.phone ?? '')
      account.statusAudiences = body.audiences.map(({ type, list }) => ({
        type,
        list: list.map((phone) => phoneOf(network, phone).account),
      }))
      return {}
    },
  ),
  get('/sandbox/groups/:jid', ({ network, params }) => {
    const group = network.findGroup(params.jid ?? '')
    if (!group) throw new ControlError(404, `there is no group ${params.jid}`)
    return {
      subject: group.subject,
      description: group.description?.text ?? null,
      picture: group.picture ? group.picture.jpeg.length : null,
      announcement: group.announcement,
      locked: group.locked,
      ephemeralSeconds: group.ephemeralSeconds,
      memberAddMode: group.memberAddMode,
      joinApproval: group.joinApproval,
      inviteCode: group.inviteCode,
      community: group.community?.jid ?? null,
      members: Object.fromEntries([...group.members].map(([{ phone }, rank]) => [phone, rank])),
      joinRequests: [...group.joinRequests.keys()].map(({ phone }) => phone),
    }
  }),
  post('/sandbox/groups/:jid/join', z.object({ phone: z.string() }), async ({ network, params, body }) => {
    const group = network.findGroup(params.jid ?? '')
    if (!group) throw new ControlError(404, `there is no group ${params.jid}`)
    const iq = { id: `join-${Date.now()}`, to: '@g.us', type: 'set', xmlns: 'w:g2' }
    const invite = node('invite', { code: group.inviteCode })
    const answer = await network.iq(phoneOf(network, body.phone), node('iq', iq, [invite]))
    if (answer.attrs.type === 'error') throw new Error('the group does not let anybody in')
    return {}
  }),
]
