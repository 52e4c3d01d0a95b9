import type { Dialect, MountedDialect } from '../http/endpoint/dialect.ts'
import { multisession } from './multisession/index.ts'
import { parley } from './parley/index.ts'
import { linking } from './parley/linking.ts'
import { wago } from './wago/index.ts'
import { wagoApi } from './wago-api/index.ts'
import { wsgo } from './wsgo/index.ts'
import { wuzapi } from './wuzapi/index.ts'

/** Every dialect that is another server's API; the first one is at the root unless `DIALECTS` says otherwise. */
export const dialects: readonly Dialect[] = [wuzapi, wago, wagoApi, wsgo, multisession]

/** What is ours alone, at its own path. */
export const operators: MountedDialect = { dialect: parley, base: '/parley' }

/** The pages of linkings with a passkey. */
export const linkingPages: MountedDialect = { dialect: linking, base: '/link' }
