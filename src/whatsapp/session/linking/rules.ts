/** How long each part of a linking may take, in milliseconds, and how its code is confirmed. */
export interface LinkingRules {
  /** How long the first QR code of a linking can be scanned, and each one after it. */
  firstCodeMs: number
  nextCodeMs: number
  /** How long a browser has to answer WhatsApp's question. */
  optionsMs: number
  /** How long the phone, or a person, has for each step that follows. */
  stageMs: number
  /** How long after the scan the phone can be proved to have scanned this device. */
  handoffMs: number
  /** How long WhatsApp has for an answer. */
  queryMs: number
  /** Whether a code that need not be compared is confirmed by itself. */
  confirm: 'auto' | 'ask'
}

/** Those of WhatsApp Web. */
export const LINKING_RULES: LinkingRules = {
  firstCodeMs: 60_000,
  nextCodeMs: 20_000,
  optionsMs: 600_000,
  stageMs: 120_000,
  handoffMs: 300_000,
  queryMs: 30_000,
  confirm: 'auto',
}
