import { z } from 'zod'
import { del, type Endpoint, get, post, reply } from '../../http/endpoint/endpoint.ts'
import { bool, file, formNeeded, listUpTo, requiredText, text, textUpTo } from '../../http/endpoint/fields.ts'
import { nodeOfId } from '../../lib/ids-of-nodes.ts'
import { limits } from '../../lib/limits.ts'
import type { ImportJob } from '../../operations/admin/import-jobs.ts'
import { importSources, type UploadedSource, uploadNames } from '../../operations/admin/import-upload.ts'
import { beginImport, cancelImport, importJob, runImport } from '../../operations/admin/imports.ts'
import { type ImportedUser, importedUsers } from '../../operations/sessions/imported.ts'
import { doneReply } from './targets.ts'

const instant = z.int().nullable()

const imported = z
  .object({
    userId: z.string(),
    name: z.string(),
    source: z.string().describe('The program it came from'),
    device: z.string().describe('JID of the linked device that came with it; empty without one'),
    state: z
      .enum(['imported', 'opened', 'verified', 'replaced', 'refused'])
      .describe(
        'opened: WhatsApp has taken its login and a message to itself; verified: something was read, too; replaced: another connection took its place, so the old server is still running; refused: WhatsApp has unlinked its device',
      ),
    session: z.string().describe('What its session does now; empty where it does not run'),
    importedAt: z.int().describe('Unix milliseconds, like the other instants'),
    openedAt: instant,
    verifiedAt: instant,
    report: z
      .looseObject({})
      .describe('How many rows of each kind were taken over, and what was not and why'),
  })
  .meta({ title: 'ImportedAccount' })

const source = z.object({
  source: z.string(),
  folder: z.string().describe('The folder that the files are in at the old server'),
  files: z.array(z.object({ name: z.string(), isRequired: z.boolean() })),
  key: z.string().describe('What its encryption key is called there'),
})

const account = z
  .object({
    id: z.string(),
    name: z.string(),
    device: z.string().describe('JID of the linked device; empty without one'),
    outcome: z
      .enum(['ready', 'imported', 'present', 'refused'])
      .describe('present: a user with its id or token is here already'),
    reason: z.string().describe('Why it does not come, or without its device'),
    taken: z.record(z.string(), z.int()).describe('How many rows of each kind come'),
    dropped: z
      .array(z.object({ what: z.string(), why: z.string(), count: z.int(), whose: z.array(z.string()) }))
      .describe('What does not come; whose: the first few'),
  })
  .meta({ title: 'ImportReport' })

const job = z
  .object({
    id: z.string(),
    source: z.string(),
    state: z
      .enum(['reading', 'ready', 'importing', 'done', 'failed'])
      .describe('reading: a trial that writes nothing; ready: its report is complete'),
    done: z.int().describe('Users that were read, or imported'),
    total: z.int(),
    reports: z.array(account),
    strayDevices: z.array(z.string()).describe('Linked devices that belong to no user and do not come'),
    failure: z.string().describe('A sentence; empty unless it failed'),
    keptUntil: instant.describe('When it is forgotten; null while it works'),
  })
  .meta({ title: 'ImportJob' })

const jobReply = reply(job, (one: ImportJob) => one)
const which = z.object({ id: z.string() })
/** An import and its files are at the node that was asked first. */
const node = ({ id = '' }: Record<string, string>) => nodeOfId(id)

const upload = z.object({
  source: requiredText('source is missing: say which program the files are of', limits.name),
  key: text(limits.secret).meta({
    description: 'The encryption key of the old server, without which its webhooks are no longer signed',
  }),
  ...Object.fromEntries(
    uploadNames.map((name) => [
      name,
      file().meta({ ...formNeeded, description: 'This file of the old server' }),
    ]),
  ),
})

export const importEndpoints: Endpoint[] = [
  get('/imports', {
    summary: 'The accounts that came from other servers, and how far each is',
    needs: 'none',
    run: importedUsers,
    reply: reply(z.object({ imports: z.array(imported) }), (imports: ImportedUser[]) => ({ imports })),
  }),

  get('/import-sources', {
    summary: 'The servers whose files can be uploaded, and which files these are',
    needs: 'none',
    run: importSources,
    reply: reply(
      z.object({
        sources: z.array(source),
        maxBytes: z.int().describe('Of all files together'),
      }),
      (all: { sources: UploadedSource[]; maxBytes: number }) => all,
    ),
  }),

  post('/import-jobs', {
    summary: 'Upload the files of another server and read them: tells what would come, and writes nothing',
    needs: 'none',
    body: upload,
    undecodable: `send a form (multipart/form-data) with source, key and the files by their names: ${uploadNames.join(', ')}`,
    run: beginImport,
    input: ({ body: { source: from, key, ...files } }) => ({ source: from, key, files }),
    reply: reply(job, (one: ImportJob) => one, { status: 201 }),
  }),

  get('/import-jobs/:id', {
    summary: 'How an import stands, with what becomes of each user',
    needs: 'none',
    params: which,
    node,
    run: importJob,
    input: ({ params }) => params,
    reply: jobReply,
  }),

  post('/import-jobs/:id/run', {
    summary: 'Import users, and connect those that were connected',
    needs: 'none',
    params: which,
    node,
    body: z.object({
      users: listUpTo(limits.importedUsers, z.array(textUpTo(limits.name, z.string())))
        .optional()
        .describe('Their ids; all that are not here yet when left out'),
      isStopped: bool().describe('That the old server is stopped, and stays stopped; refused without'),
    }),
    run: runImport,
    input: ({ params, body }) => ({ ...params, ...body }),
    reply: jobReply,
  }),

  del('/import-jobs/:id', {
    summary: 'Forget an import and delete its files; users that were imported stay',
    needs: 'none',
    params: which,
    node,
    run: cancelImport,
    input: ({ params }) => params,
    reply: doneReply,
  }),
]
