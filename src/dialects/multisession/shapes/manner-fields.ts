import { z } from 'zod'
import type { Manner } from './in-chat.ts'
import { flagIfGiven } from './upload-field.ts'

const TYPING = 'Show that it is typed; by the settings when absent'
const PRESENCE = 'Show the account online; by the settings when absent'

/** The fields by which a message says how it is led up to. */
export const simulation = {
  typing_simulation: z.boolean().optional().describe(TYPING),
  presence_simulation: z.boolean().optional().describe(PRESENCE),
}

/** The same in a form. */
export const formSimulation = {
  typing_simulation: flagIfGiven.describe(TYPING),
  presence_simulation: flagIfGiven.describe(PRESENCE),
}

/** What they say. */
export function simulationOf(body: { typing_simulation?: boolean; presence_simulation?: boolean }): Manner {
  return { typing: body.typing_simulation, presence: body.presence_simulation }
}
