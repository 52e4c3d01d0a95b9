import type { ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import compression from 'compression'
import express, { type Request, type RequestHandler, type Response, Router } from 'express'
import { projectFolder } from '../../lib/process/project-folder.ts'

/**
 * Pages run their own scripts only, load nothing from other hosts and cannot be framed; QR codes are data URLs, files of
 * messages are fetched with a header and shown from memory.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "img-src 'self' data: blob:",
  "media-src 'self' blob:",
  "style-src 'self' 'unsafe-inline'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'self'",
].join('; ')

/** Headers of everything a browser may show. */
export const securityHeaders: RequestHandler = (_request, response, next) => {
  setSecurityHeaders(response)
  next()
}

/** The same for a page that an endpoint answers with. */
export function setSecurityHeaders(response: ServerResponse): void {
  response.setHeader('Content-Security-Policy', CONTENT_SECURITY_POLICY)
  response.setHeader('X-Content-Type-Options', 'nosniff')
  response.setHeader('Referrer-Policy', 'no-referrer')
}

/**
 * Keeps everything out of the caches of browsers and proxies: answers hold tokens, codes and pictures, and their
 * addresses say nothing about who may see them.
 */
export const neverCached: RequestHandler = (_request, response, next) => {
  response.setHeader('Cache-Control', 'no-store')
  next()
}

/** The exception: what is the same for everybody and holds no secret. */
export function allowCaching(response: ServerResponse): void {
  response.removeHeader('Cache-Control')
}

/** The pages, without authentication: they ask for a token themselves. Files whose name begins with a dot stay hidden. */
export function staticFiles(folder = staticFolder()): RequestHandler {
  return express.static(folder, { ...files, index: 'index.html' })
}

/**
 * The pages that there were before one was for everything. What the address says behind `?` goes along, and browsers
 * themselves keep what stands behind `#`. The way is relative: nobody here knows below which prefix a proxy serves it.
 * @param home where that page is: '' for the root, unless a dialect has something there
 */
export function formerAddresses(home: '' | 'index.html'): Router {
  return Router({ caseSensitive: true }).get(['/dashboard', '/login'], (request, response) => {
    const [path = '', query] = request.originalUrl.split('?')
    const way = path.endsWith('/') ? '../' : './'
    response.redirect(302, `${way}${home}${query === undefined ? '' : `?${query}`}`)
  })
}

/** What the pages of a dialect load; served beside its endpoints, so that it is found wherever they are. */
export function dialectFiles(dialect: string, folder = staticFolder()): RequestHandler {
  return express.static(join(folder, 'dialects', dialect), { ...files, index: false })
}

/** What the pages load of other projects, by package; everything else in these stays unserved. */
const VENDOR_FILES = { uplot: ['uPlot.iife.min.js', 'uPlot.min.css'] }

/** Those files, each at `/vendor/<package>/<file>`. */
export function vendorFiles(): RequestHandler {
  const router = Router({ strict: true, caseSensitive: true })
  const { resolve } = createRequire(import.meta.url)
  for (const [name, paths] of Object.entries(VENDOR_FILES))
    for (const path of paths)
      router.get(`/vendor/${name}/${path}`, (_request, response) => {
        allowCaching(response)
        response.sendFile(join(dirname(resolve(name)), path), { maxAge: '1d' })
      })
  return router
}

const compress = compression()

/** A browser that has a file asks whether it is still the same, by its tag; one that has not gets it compressed. */
const files = {
  dotfiles: 'ignore',
  // A part of a compressed file would be of no use.
  acceptRanges: false,
  setHeaders(response: ServerResponse) {
    allowCaching(response)
    // Not in front of all files: what is none of them is answered by somebody else.
    // Express made both of these.
    compress(response.req as Request, response as Response, () => {})
  },
} as const

/** Where the pages are. */
export function staticFolder(): string {
  return join(projectFolder, 'static')
}
