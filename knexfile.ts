import { loadConfig } from './src/config/config.ts'
import { connectionOptions } from './src/store/database/database.ts'
import { migrationSource } from './src/store/database/migrations.ts'

/** Lets the `knex` command work on the configured database: `npx tsx node_modules/knex/bin/cli.js migrate:status`. */
export default { ...(await connectionOptions(loadConfig(process.env))), migrations: { migrationSource } }
