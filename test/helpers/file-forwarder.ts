import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { loadConfig } from '../../src/config/config.ts'
import { startOutbox } from '../../src/delivery/outbox.ts'
import { WebhookProfiles } from '../../src/delivery/webhook-profiles.ts'
import { EventBus } from '../../src/events/bus.ts'
import { createLogger } from '../../src/lib/process/logger.ts'
import { sweepLeftovers } from '../../src/lib/process/scratch-folder.ts'
import { openSecrets } from '../../src/lib/secrets/secrets.ts'
import { GroupCommit } from '../../src/store/commit/group-commit.ts'
import { openDatabase } from '../../src/store/database/database.ts'
import { fileProfile, filesFrom } from './file-webhook.ts'

// A program that delivers what is recorded, until it is told to end, with files of so many megabytes:
//   file-forwarder.ts <data folder> <megabytes> <temporary folder>
// It says when it has begun. `idle` on its input has it measure the memory it takes from then on, `end` ends it; either
// way it says how much it took then, and at most.
const [dataDir = '', megabytes = '', folder = ''] = process.argv.slice(2)
// Not given as a variable: the compiler that runs this program has files of its own there.
process.env.TMPDIR = folder

const PIECE = Buffer.alloc(1024 * 1024)

/** A file whose bytes differ from piece to piece; what fills it takes one piece of memory. */
async function write(path: string): Promise<void> {
  const file = await open(path, 'wx')
  for (let at = 0; at < Number(megabytes); at++) {
    createHash('sha256').update(String(at)).digest().copy(PIECE)
    await file.write(PIECE)
  }
  await file.close()
}

const config = loadConfig({ DATA_DIR: dataDir, WEBHOOK_ALLOWED_NETWORKS: 'any' })
const db = await openDatabase({ dataDir })
const secrets = await openSecrets({ dataDir, encryptionKey: 'test' })
const log = createLogger('silent')
const profiles = new WebhookProfiles([fileProfile], config)
const commits = new GroupCommit(db, secrets)
const bus = new EventBus({ db, commits, secrets, log, router: profiles.router(secrets) })
const files = filesFrom(write)
await sweepLeftovers()
const options = { db, secrets, log, config, profiles, bus, commits, nodeId: 'node', leaseMs: 1_000 }

const outbox = startOutbox({ ...options, mediaOf: files.mediaOf, pollMs: 20 })
process.stdout.write('{}\n')

let idle = 0
let peak = 0
const look = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage().rss)
}, 5)
process.stdin.on('data', async (order) => {
  if (String(order) === 'idle\n') {
    globalThis.gc?.()
    idle = process.memoryUsage().rss
    peak = idle
  } else {
    clearInterval(look)
    await outbox.stop()
    await files.stop()
    await db.destroy()
  }
  process.stdout.write(`${JSON.stringify({ idle, peak })}\n`)
  if (String(order) === 'end\n') process.exit(0)
})
