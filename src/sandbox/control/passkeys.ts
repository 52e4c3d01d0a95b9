import type { JsonWebKey } from 'node:crypto'
import { z } from 'zod'
import { AccountPasskey, credentialIdShape, demandShape, MAX_CREDENTIALS } from '../passkey/demand.ts'
import { challengeIntegrity } from '../passkey/integrity.ts'
import type { Account } from '../world/account.ts'
import { linkedDevices } from './linking.ts'
import { accountFor, type ControlCall, ControlError, type ControlRoute, get, post } from './route.ts'

const credential = z.object({
  id: credentialIdShape,
  /** SPKI in base64, or a JWK. */
  publicKey: z.union([z.string(), z.record(z.string(), z.unknown()).transform((jwk) => jwk as JsonWebKey)]),
})

const demand = demandShape.extend({ credentials: z.array(credential).max(MAX_CREDENTIALS).optional() })

const settings = z.object({
  name: z.string().optional(),
  passkey: z.union([z.boolean(), demand]),
})

const request = z.object({
  challenge: z.string(),
  rpId: z.string().optional(),
  allowCredentials: z.array(z.object({ id: z.string() })).optional(),
})

const assertion = z.object({
  options: request,
  origin: z.string(),
  type: z.string(),
  challenge: z.string(),
  rpId: z.string(),
  flags: z.int().min(0).max(255),
  counter: z.int().nonnegative(),
  credentialId: credentialIdShape,
  foreignKey: z.boolean(),
})

const integrityChallenge = z.object({
  jid: z.string().optional(),
  type: z.enum(['PASSKEY', 'CAPTCHA']).default('PASSKEY'),
})

/** Accounts whose links need a passkey: what they demand, how it goes, and what their owners do about it. */
export const passkeyRoutes: ControlRoute[] = [
  post('/sandbox/accounts/:phone', settings, ({ network, params, body }) => {
    const account = accountFor(network, params.phone ?? '', body.name)
    account.passkey ??= new AccountPasskey()
    const { passkey } = account
    const wanted = body.passkey === true ? demand.parse({}) : body.passkey
    if (wanted === false) passkey.demand = undefined
    else {
      const { credentials, ...particulars } = wanted
      passkey.register(credentials)
      passkey.demand = particulars
    }
    return describe(account)
  }),
  get('/sandbox/accounts/:phone/passkey', (call) => describe(accountOf(call))),
  post(
    '/sandbox/accounts/:phone/assert',
    assertion.partial().required({ options: true }),
    ({ body, ...call }) => {
      const { options, ...deviations } = body
      return passkeyOf(call).authenticator.assert(options, deviations)
    },
  ),
  post('/sandbox/accounts/:phone/accept', z.object({ code: z.string() }), ({ body, ...call }) => {
    const { ceremony } = passkeyOf(call)
    if (!ceremony) throw new ControlError(404, 'no companion was asked for a passkey')
    ceremony.accept(body.code)
    return ceremony.report
  }),
  post('/sandbox/accounts/:phone/integrity-challenge', integrityChallenge, ({ body, ...call }) => {
    const devices = linkedDevices(call, body.jid ?? accountOf(call).jid())
    challengeIntegrity(call.network, devices, body.type)
    return { challenged: devices.map(({ jid }) => jid) }
  }),
]

function describe({ passkey }: Account): object {
  return {
    demanded: passkey?.demand !== undefined,
    credentials: [...(passkey?.credentials.keys() ?? [])],
    ...(passkey?.ceremony?.report ?? { stage: 'none' }),
  }
}

function accountOf({ network, params }: Pick<ControlCall<unknown>, 'network' | 'params'>): Account {
  const account = network.findAccount(params.phone ?? '')
  if (!account) throw new ControlError(404, `nobody has the number ${params.phone}`)
  return account
}

function passkeyOf(call: Pick<ControlCall<unknown>, 'network' | 'params'>): AccountPasskey {
  const { passkey } = accountOf(call)
  if (!passkey) throw new ControlError(404, 'the account has no passkey')
  return passkey
}
