import type { SourceServer } from './account.ts'
import { openBaileys } from './baileys/accounts.ts'
import { openEvolution } from './evolution/accounts.ts'
import { openGows } from './gows/accounts.ts'
import { openMultisession } from './multisession/accounts.ts'
import { openWagoApi } from './wago-api/accounts.ts'
import { openWuzapi } from './wuzapi/accounts.ts'

/** What can be said about a source. */
export interface SourceRequest {
  /** A folder, a file, or the URL of a database. */
  from: string
  /** A folder of files that belong to a database. */
  files?: string
  /** The encryption key of the source, '' for none. */
  key: string
  /** Which device is meant where a number has several: by the id or name of the user. */
  chosen: Map<string, string>
}

/** The programs whose accounts can come here, by their names. */
export const sources: Record<string, (request: SourceRequest) => Promise<SourceServer>> = {
  wuzapi: openWuzapi,
  baileys: openBaileys,
  evolution: openEvolution,
  'wago-api': openWagoApi,
  multisession: openMultisession,
  gows: openGows,
}
