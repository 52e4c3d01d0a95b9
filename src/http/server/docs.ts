import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { type RequestHandler, type Response, Router } from 'express'
import { computeOnce } from '../../lib/flow/compute-once.ts'
import type { MountedDialect } from '../endpoint/dialect.ts'
import { docsPage } from './docs-page.ts'
import { openApiDocument, SWAGGER_FILES } from './openapi.ts'
import { allowCaching } from './static.ts'

/** The files of Swagger UI that its page loads; everything else in the package stays unserved. */
const PAGE_FILES = [
  'swagger-ui.css',
  'swagger-ui-bundle.js',
  'swagger-ui-standalone-preset.js',
  'favicon-32x32.png',
]

/**
 * Documentation, generated from the endpoints: `<base>/docs/openapi.json` wherever a dialect is served, with what a page
 * of its own needs to show it; `/api/openapi.json` for the one at the root, and a page at `/api/` that shows them all, each
 * once. Nothing is loaded from other hosts.
 */
export function documentation(dialects: MountedDialect[]): Router {
  const router = Router({ strict: true, caseSensitive: true })
  for (const { dialect, base } of dialects) {
    // Of hundreds of schemas: nobody shall wait for it at a start.
    const json = computeOnce(() => JSON.stringify(openApiDocument(dialect, base)))
    const document = answering('application/json', json)
    router.get(documentUrl(base), document)
    if (base === '/') router.get('/api/openapi.json', document)
    serveScripts(router, `${prefixOf(base)}/docs`, `url: 'docs/openapi.json'`)
    if (dialect.hasSwaggerFiles) serveSwaggerFiles(router, base, json)
  }
  const urls = shortestBases(dialects).map(({ dialect, base }) => ({
    name: dialect.title,
    url: documentUrl(base),
  }))
  router.get('/api', (_request, response) => response.redirect(301, '/api/'))
  router.get(
    '/api/',
    answering('text/html; charset=utf-8', () => docsPage('')),
  )
  serveScripts(router, '/api', `urls: ${JSON.stringify(urls)}`)
  return router
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
function serveSwaggerFiles(router: Router, base: string, json: () => string): void {
  const folder = `${prefixOf(base)}/docs`
  const yaml = computeOnce(async () => (await import('yaml')).stringify(JSON.parse(json())))
  for (const { path, contentType } of SWAGGER_FILES)
    router.get(
      `${prefixOf(base)}${path}`,
      answering(contentType, contentType === 'application/json' ? json : yaml),
    )
  router.get(
    `${folder}/index.html`,
    answering('text/html; charset=utf-8', () => docsPage('page/')),
  )
  serveScripts(router, `${folder}/page`, `url: 'swagger.json'`)
  for (const path of [folder, `${folder}/`])
    router.get(path, (_request, response) =>
      response.status(301).setHeader('Location', `${folder}/index.html`).end(),
    )
}

/** The files that a page of documentation loads; `source` says what it shows. */
function serveScripts(router: Router, folder: string, source: string): void {
  // A file of its own, because the content security policy refuses scripts inside the page.
  router.get(
    `${folder}/start.js`,
    answering('text/javascript; charset=utf-8', () => startScript(source)),
  )
  for (const file of PAGE_FILES)
    router.get(`${folder}/${file}`, (_request, response) => sendSwaggerFile(response, file))
}

function startScript(source: string): string {
  return `SwaggerUIBundle({
  ${source},
  dom_id: '#swagger-ui',
  deepLinking: true,
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
  layout: 'StandaloneLayout',
})
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

const swaggerFolder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))

function sendSwaggerFile(response: Response, file: string): void {
  allowCaching(response)
  response.sendFile(join(swaggerFolder, file), { maxAge: '1d' })
}
