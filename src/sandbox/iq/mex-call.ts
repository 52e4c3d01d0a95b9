import { z } from 'zod'
import type { Account, Device } from '../world/account.ts'
import type { Network } from '../world/network.ts'
import { node, SERVICE } from '../world/node.ts'

// What clients send as variables; everything else they send is of no interest here.
const input = z.object({
  key: z.string().default(''),
  type: z.string().default(''),
  name: z.string().default(''),
  description: z.string().nullish(),
  picture: z.string().nullish(),
  newsletter_id: z.string().default(''),
  text: z.string().nullish(),
  emoji: z.object({ content: z.string() }).nullish(),
  ephemeral_duration_sec: z.number().default(0),
})

/** The variables of the stored queries. The creation of a channel has two names for its input, by the age of the client. */
export const mexVariables = z
  .object({
    newsletter_id: z.string().default(''),
    fetch_viewer_metadata: z.boolean().default(true),
    input: input.nullish(),
    newsletter_input: input.nullish(),
    updates: z
      .object({
        name: z.string().optional(),
        description: z.string().optional(),
        picture: z.string().optional(),
      })
      .prefault({}),
  })
  .transform(({ newsletter_input, input: named, ...others }) => ({
    ...others,
    input: named ?? newsletter_input ?? input.parse({}),
  }))

/** One stored query as somebody asks it. */
export interface MexCall {
  network: Network
  account: Account
  variables: z.infer<typeof mexVariables>
}

/** A refusal as GraphQL tells it: in the answer, not as an error of the query. */
export class GraphQlError extends Error {
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

/** Tells the devices of an account of something, as the GraphQL service does: by the name of the operation. */
export function tellByMex(
  { network, account }: Pick<MexCall, 'network' | 'account'>,
  operation: string,
  data: object,
): void {
  tellDevicesByMex(network, account.devices.values(), operation, data)
}

/** The same, to these devices alone. */
export function tellDevicesByMex(
  network: Network,
  devices: Iterable<Device>,
  operation: string,
  data: object,
): void {
  const update = node('update', { op_name: operation }, Buffer.from(JSON.stringify({ data })))
  network.notifyDevices(devices, { from: SERVICE, type: 'mex' }, [update])
}
