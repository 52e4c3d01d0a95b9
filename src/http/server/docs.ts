import { join } from 'node:path'
import { type RequestHandler, type Response, Router } from 'express'
import { computeOnce } from '../../lib/flow/compute-once.ts'
import type { Services } from '../../operations/services.ts'
import type { Dialect, MountedDialect } from '../endpoint/dialect.ts'
import { docsPage } from './docs-page.ts'
import { fullDocument, openApiPath, SWAGGER_FILES } from './openapi.ts'
import { allowCaching, staticFolder } from './static.ts'

/**
 * Documentation, generated from the endpoints: `<base>/docs/openapi.json` wherever a dialect is served, with what a page
 * of its own needs to show it, and `<base>/docs/paths.json`, a list of the paths alone; `/api/openapi.json` for the one at the root, and a page at `/api/` that shows them all, each
 * once. Nothing is loaded from other hosts.
 */
export function documentation(dialects: MountedDialect[], services: Services): Router {
  const router = Router({ strict: true, caseSensitive: true })
  for (const { dialect, base } of dialects) {
    // Of hundreds of schemas: nobody shall wait for it at a start.
    const json = computeOnce(async () =>
      JSON.stringify(await fullDocument(dialect, base, dialect.profile(services))),
    )
    const document = answering('application/json', json)
    router.get(documentUrl(base), document)
    if (base === '/') router.get('/api/openapi.json', document)
    router.get(
      `${prefixOf(base)}/docs/paths.json`,
      answering('application/json', () => JSON.stringify(pathsOf(dialect))),
    )
    servePage(router, `${prefixOf(base)}/docs`, [{ name: dialect.title, url: 'openapi.json' }])
    if (dialect.hasSwaggerFiles) serveSwaggerFiles(router, { dialect, base }, json)
  }
  const urls = shortestBases(dialects).map(({ dialect, base }) => ({
    name: dialect.title,
    url: `..${documentUrl(base)}`,
  }))
  router.get('/api', (_request, response) => response.redirect(301, '/api/'))
  router.get(
    '/api/',
    answering('text/html; charset=utf-8', () => docsPage('')),
  )
  servePage(router, '/api', urls)
  return router
}

/** The paths of a dialect, as its document has them: a page that only asks what there is need not load all of that. */
function pathsOf({ groups, streams = [] }: Dialect): string[] {
  const all = [...groups.flatMap(({ endpoints }) => endpoints), ...streams]
  return [...new Set(all.map(({ path }) => openApiPath(path)))]
}

/** Each dialect once, where its address is shortest; the one at the root comes first. */
function shortestBases(dialects: MountedDialect[]): MountedDialect[] {
  const sorted = dialects.toSorted((a, b) => a.base.length - b.base.length)
  const first = new Map<string, MountedDialect>()
  for (const one of sorted) if (!first.has(one.dialect.name)) first.set(one.dialect.name, one)
  return [...first.values()]
}

function documentUrl(base: string): string {
  return `${prefixOf(base)}/docs/openapi.json`
}

/** What stands before the paths of a dialect: nothing at the root. */
function prefixOf(base: string): string {
  return base === '/' ? '' : base
}

/** The document under the names that Swagger's own tools give it, with a page beside. */
function serveSwaggerFiles(
  router: Router,
  { dialect, base }: MountedDialect,
  json: () => Promise<string>,
): void {
  const folder = `${prefixOf(base)}/docs`
  const yaml = computeOnce(async () => (await import('yaml')).stringify(JSON.parse(await json())))
  for (const { path, contentType } of SWAGGER_FILES)
    router.get(
      `${prefixOf(base)}${path}`,
      answering(contentType, contentType === 'application/json' ? json : yaml),
    )
  router.get(
    `${folder}/index.html`,
    answering('text/html; charset=utf-8', () => docsPage('page/')),
  )
  servePage(router, `${folder}/page`, [{ name: dialect.title, url: '../swagger.json' }])
  for (const path of [folder, `${folder}/`])
    router.get(path, (_request, response) =>
      response.status(301).setHeader('Location', `${folder}/index.html`).end(),
    )
}

/** What a page of documentation loads from beside it; all else comes from the pages of this server. */
const PAGE_FILES = {
  'style.css': 'style.css',
  'theme.js': 'theme.js',
  'favicon.svg': 'favicon.svg',
  'api.css': 'api/api.css',
}

/** The files that a page of documentation loads, in a folder of its own; `documents` is what it shows. */
function servePage(router: Router, folder: string, documents: ShownDocument[]): void {
  // A file of its own, because the content security policy refuses scripts inside the page.
  router.get(
    `${folder}/start.js`,
    answering('text/javascript; charset=utf-8', () => startScript(folder, documents)),
  )
  for (const [name, file] of Object.entries(PAGE_FILES))
    router.get(`${folder}/${name}`, (_request, response) => sendPageFile(response, file))
}

/** A document that a page offers; `url` is seen from the script of the page. */
interface ShownDocument {
  name: string
  url: string
}

/** Addresses are seen from the script, so that they hold below whatever a proxy adds. */
function startScript(folder: string, documents: ShownDocument[]): string {
  const root = '../'.repeat(folder.split('/').length - 1)
  return `import { showDocuments } from '${root}api/docs.js'

const documents = ${JSON.stringify(documents)}
await showDocuments(documents.map(({ name, url }) => ({ name, url: new URL(url, import.meta.url).href })))
`
}

function answering(contentType: string, body: () => string | Promise<string>): RequestHandler {
  return async (_request, response) => {
    const text = await body()
    allowCaching(response)
    response.setHeader('Content-Type', contentType)
    response.end(text)
  }
}

function sendPageFile(response: Response, file: string): void {
  allowCaching(response)
  response.sendFile(join(staticFolder(), file))
}
