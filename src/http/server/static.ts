import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import express, { type RequestHandler } from 'express'
import { projectFolder } from '../../lib/process/project-folder.ts'

/** Pages run their own scripts only, load nothing from other hosts and cannot be framed; QR codes are data URLs. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "img-src 'self' data: blob:",
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

/** What the pages of a dialect load; served beside its endpoints, so that it is found wherever they are. */
export function dialectFiles(dialect: string, folder = staticFolder()): RequestHandler {
  return express.static(join(folder, 'dialects', dialect), { ...files, index: false })
}

const files = { dotfiles: 'ignore', setHeaders: allowCaching } as const

function staticFolder(): string {
  return join(projectFolder, 'static')
}
