import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { type RequestHandler, type Response, Router } from 'express'
import type { MountedDialect } from './dialect.ts'
import { openApiDocument } from './openapi.ts'

/** The files of Swagger UI that its page loads; everything else in the package stays unserved. */
const SWAGGER_FILES = [
  'swagger-ui.css',
  'swagger-ui-bundle.js',
  'swagger-ui-standalone-preset.js',
  'favicon-32x32.png',
]

/**
 * Documentation, generated from the endpoints: `<base>/docs/openapi.json` for each dialect, `/api/openapi.json` for the
 * one at the root, and one page at `/api/` that shows them all. Nothing is loaded from other hosts.
 */
export function documentation(dialects: MountedDialect[]): Router {
  const router = Router({ strict: true, caseSensitive: true })
  const documents = dialects.map(({ dialect, base }) => ({
    name: dialect.title,
    url: `${base.replace(/\/$/, '')}/docs/openapi.json`,
    json: JSON.stringify(openApiDocument(dialect, base)),
    atRoot: base === '/',
  }))

  for (const document of documents) {
    router.get(document.url, answering('application/json', document.json))
    if (document.atRoot) router.get('/api/openapi.json', answering('application/json', document.json))
  }
  router.get('/api', (_request, response) => response.redirect(301, '/api/'))
  router.get('/api/', answering('text/html; charset=utf-8', PAGE))
  router.get('/api/start.js', answering('text/javascript; charset=utf-8', startScript(documents)))
  for (const file of SWAGGER_FILES)
    router.get(`/api/${file}`, (_request, response) => sendSwaggerFile(response, file))
  return router
}

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Parley API</title>
    <link rel="icon" type="image/png" href="favicon-32x32.png">
    <link rel="stylesheet" href="swagger-ui.css">
  </head>
  <body>
    <div id="swagger-ui"></div>
    <noscript>The documentation page needs JavaScript; the document itself is at /api/openapi.json.</noscript>
    <script src="swagger-ui-bundle.js"></script>
    <script src="swagger-ui-standalone-preset.js"></script>
    <script src="start.js"></script>
  </body>
</html>
`

/** A file of its own, because the content security policy refuses scripts inside the page. */
function startScript(documents: { name: string; url: string }[]): string {
  const urls = documents.map(({ name, url }) => ({ name, url }))
  return `SwaggerUIBundle({
  urls: ${JSON.stringify(urls)},
  dom_id: '#swagger-ui',
  deepLinking: true,
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
  layout: 'StandaloneLayout',
})
`
}

function answering(contentType: string, body: string): RequestHandler {
  return (_request, response) => {
    response.setHeader('Content-Type', contentType)
    response.end(body)
  }
}

const swaggerFolder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))

function sendSwaggerFile(response: Response, file: string): void {
  response.sendFile(join(swaggerFolder, file), { maxAge: '1d' })
}
