import type { MountedDialect } from '../http/dialect.ts'
import { parley } from './parley/index.ts'
import { wuzapi } from './wuzapi/index.ts'

/** Every dialect this server speaks, and where. */
export const dialects: MountedDialect[] = [
  { dialect: wuzapi, base: '/' },
  { dialect: parley, base: '/parley' },
]
