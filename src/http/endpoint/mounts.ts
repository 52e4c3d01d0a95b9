import { type Config, ConfigError } from '../../config/config.ts'
import type { Dialect, MountedDialect } from './dialect.ts'

/** Where the operator wants a dialect, besides the path of its name. */
export interface Place {
  name: string
  base: string
}

/** First parts of paths that belong to the pages, the documentation, monitors, the operators and the simulated network. */
const RESERVED = [
  'api',
  'dashboard',
  'docs',
  'health',
  'link',
  'login',
  'metrics',
  'pages',
  'parley',
  'sandbox',
  'vendor',
]

/**
 * Where each dialect is served: always below its name, at `/` the one that is wanted there (the first one unless another
 * is), and wherever else it is wanted. Throws ConfigError for a dialect or a path that cannot be.
 */
export function mountsOf(
  dialects: readonly Dialect[],
  wanted: readonly Place[],
  config?: Config,
): MountedDialect[] {
  const places: MountedDialect[] = dialects.map((dialect) => ({ dialect, base: `/${dialect.name}` }))
  for (const { name, base } of wanted) {
    const dialect = dialects.find((one) => one.name === name)
    if (!dialect) {
      const known = dialects.map((one) => one.name).join(', ')
      throw new ConfigError(`DIALECTS must name some of ${known}, not "${name}"`)
    }
    const taken = places.find((place) => place.base === base)
    if (taken?.dialect === dialect) continue
    if (taken)
      throw new ConfigError(`DIALECTS puts ${name} at ${base}, where ${taken.dialect.name} is already`)
    if (RESERVED.includes(base.split('/')[1] ?? ''))
      throw new ConfigError(
        `DIALECTS puts ${name} at ${base}, but no dialect can be at /${RESERVED.join(', /')}`,
      )
    places.push({ dialect, base })
  }
  const [first] = dialects
  if (first && !places.some(({ base }) => base === '/')) places.push({ dialect: first, base: '/' })
  return places.map((place) => (config && place.base === '/' ? prefixed(place, { places, config }) : place))
}

/** A dialect at the root whose routes all have a prefix is served there and refuses everything else. */
function prefixed(
  place: MountedDialect,
  { places, config }: { places: MountedDialect[]; config: Config },
): MountedDialect {
  const { dialect } = place
  const prefix = dialect.prefix?.(config) ?? ''
  if (prefix === '') return place
  const base = `/${prefix}`
  if (places.some((other) => other.base === base))
    throw new ConfigError(`the prefix ${base} of ${dialect.name} is where a dialect is already`)
  return { dialect, base, unknownFrom: '/' }
}
