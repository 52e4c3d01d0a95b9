import { z } from 'zod'
import { type Reply, reply } from '../../../http/endpoint/endpoint.ts'
import type { knownLabels } from '../../../operations/chats/labels.ts'

type Labels = Awaited<ReturnType<typeof knownLabels>>

/** Answer with labels. */
export const labels: Reply<Labels> = reply(
  z.object({
    labels: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        color: z.int().describe("Number of one of WhatsApp's colours"),
      }),
    ),
  }),
  (found: Labels) => ({ labels: found.map(({ id, name, color }) => ({ id, name, color })) }),
)
