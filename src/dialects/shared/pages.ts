import { z } from 'zod'
import { type Endpoint, get, reply } from '../../http/endpoint/endpoint.ts'
import { docsPage } from '../../http/server/docs-page.ts'

/** For what asks nothing of the server: a page without secrets, or an answer that says only that it answers. */
export function serveNothing(): void {}

/** A page that is the same for everybody. */
export function page(path: string, { summary, html }: { summary: string; html: string }): Endpoint {
  return get(path, {
    summary,
    needs: 'none',
    run: serveNothing,
    reply: reply(z.string(), () => html, { bare: true, contentType: 'text/html; charset=utf-8' }),
  })
}

/** The page with a dialect's own description, at `<base>/docs`. */
export const docsEndpoint = page('/docs', {
  summary: 'Page with this description',
  html: docsPage('docs/'),
})
