import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { multisession } from '../../../../src/dialects/multisession/index.ts'

/** What a request had as its body; anything else was sent as JSON. */
export interface RecordedBody {
  raw?: string
  form?: Record<string, string>
  multipart?: { name: string; value?: string; filename?: string; type?: string; content?: string }[]
}

/** One request and its answer. */
export interface Line {
  route: string
  case: string
  request: { path: string; query?: Record<string, string>; headers?: Record<string, string>; body?: unknown }
  /** 0 for what is no answer. */
  status: number
  headers: Record<string, string>
  body: unknown
  note?: string
  defect?: string
}

const folder = join(import.meta.dirname, '..', 'recording')

/** A group of the recording with what its network did not tell yet: a version, and how people come into a community. */
function withWhatIsToldSince(group: { AnnounceVersionID?: string; IsParent?: boolean }) {
  if (group.AnnounceVersionID !== '') return group
  const approval = group.IsParent && { DefaultMembershipApprovalMode: 'request_required' }
  return { ...group, AnnounceVersionID: '<version_id>', ...approval }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The recorded requests in their order. */
export function recordedLines(): Line[] {
  return readFileSync(join(folder, 'replies.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line, (_key, value) => (isObject(value) ? withWhatIsToldSince(value) : value)))
}

/** A route without the names of its parameters, which differ between documents. */
function shapeOf(route: string): string {
  return route.replace(/\{\w+\}/g, '{}')
}

const declared = new Set(
  multisession.groups.flatMap(({ endpoints }) =>
    endpoints.map(({ method, path }) => shapeOf(`${method.toUpperCase()} ${path}`)),
  ),
)

/** Answers that hold what other routes have stored, or tell of other routes. */
const NEEDS: Record<string, string> = {
  'PUT (unknown) | known path, PUT': 'GET /webhooks/{}',
  'GET /admin/stats | ok': 'POST /webhooks',
  'GET /admin/webhooks/stats | ok with deliveries': 'POST /webhooks',
}

/** Whether the dialect has the route; what is no route, and the documents, always count. */
export function isServed({ route, case: name }: Line): boolean {
  const needed = NEEDS[`${route} | ${name}`]
  if (needed !== undefined && !declared.has(needed)) return false
  return route.includes('(') || route.startsWith('GET /docs') || declared.has(shapeOf(route))
}
