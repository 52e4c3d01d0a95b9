/** One setting: the variables it is read from (the first one that is not empty wins), its default and its meaning. */
export interface Setting<Value> {
  env: string[]
  default: Value
  help: string
  parse: (text: string) => Value
  /** How the default reads in the documentation, where the value itself does not say it. */
  defaultText?: string
}

/** A setting that has a value in any case. */
export function setting<Value>(
  env: string[],
  fallback: NoInfer<Value>,
  help: string,
  parse: (text: string) => Value,
  defaultText?: string,
): Setting<Value> {
  return { env, default: fallback, help, parse, defaultText }
}

/** A setting that may be left out. */
export function optional<Value>(
  env: string[],
  help: string,
  parse: (text: string) => Value,
  defaultText?: string,
): Setting<Value | undefined> {
  return { env, default: undefined, help, parse, defaultText }
}
