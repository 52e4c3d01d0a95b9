/**
 * Something that WhatsApp tells nobody: the companion has its plain "ok", and the phone never goes on. The message is for
 * the control plane.
 */
export class Silence extends Error {}

/** Falls silent for that reason unless the condition holds. */
export function convince(holds: boolean, reason: string): asserts holds {
  if (!holds) throw new Silence(reason)
}
