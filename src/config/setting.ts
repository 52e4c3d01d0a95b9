import type { z } from 'zod'

/**
 * One setting: its flag, which wins where it says something, the variables it is read from (the first one that is not
 * empty wins), and what they may say.
 */
export interface Setting<Schema extends z.ZodType> extends Description {
  env: string[]
  /** From the text to the value; no text gives the default. What it says of a wrong one follows the variable's name. */
  schema: Schema
}

interface Description {
  help: string
  /** Keeps what was given out of the sentence that refuses it. */
  isSecret?: boolean
  /** How the default reads in the documentation, where the value itself does not say it. */
  shownDefault?: string
  /** Its name on the command line, without dashes. */
  flag?: string
  /** The flag stands for `true` where no value follows it after `=`. */
  isSwitch?: boolean
  /** The flag names a file or folder, seen from the folder in which the command was given. */
  isPath?: boolean
}

/** Declares a setting. */
export function setting<Schema extends z.ZodType>(
  env: string[],
  schema: Schema,
  description: Description,
): Setting<Schema> {
  return { env, schema, ...description }
}
