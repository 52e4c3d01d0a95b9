import type { Content } from './content.ts'
import { type ContextInput, contextInfo } from './context.ts'

/** A place on the map. */
export interface LocationContent extends ContextInput {
  /** Degrees, north and east positive. */
  latitude: number
  longitude: number
  name?: string
  /** Shown below the name. */
  address?: string
}

/** A pin on the map with an optional name and address under it. */
export function locationContent({
  latitude,
  longitude,
  name,
  address,
  ...context
}: LocationContent): Content {
  return {
    message: {
      locationMessage: {
        degreesLatitude: latitude,
        degreesLongitude: longitude,
        ...(name && { name }),
        ...(address && { address }),
        ...contextInfo(context),
      },
    },
  }
}
