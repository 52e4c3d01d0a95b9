import { rm } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import type { Request, Response } from 'express'
import multer, { MulterError } from 'multer'
import { ApiError } from '../../lib/errors.ts'
import { scratchFolder } from '../../lib/process/scratch-folder.ts'
import { received } from '../endpoint/fields.ts'
import { firstJson } from '../endpoint/first-json.ts'
import { ClientGone, payloadTooLarge } from './body.ts'

/** A form that was received. */
export interface Form {
  /** Texts and uploads by their names. */
  values: Record<string, unknown>
  /** Deletes the uploaded files. */
  discard(): Promise<void>
}

/** The fields an endpoint takes besides plain texts. */
export interface FormFields {
  files: string[]
  /** Those written as JSON: `true`, `7`, `{"StanzaId":"…"}`. */
  json: string[]
  /** The limit of all texts together. */
  jsonBytes: number
}

/** Whether a request says that its body is a form with files. */
export function isMultipart(request: IncomingMessage): boolean {
  return /^multipart\/form-data\b/i.test(request.headers['content-type'] ?? '')
}

/**
 * Reads a form; the files it may have, one of each name, go to disk as they arrive. Throws
 * `payload_too_large`, `invalid_payload` for a form that is none or holds other files, and `ClientGone`.
 */
export async function readForm(
  request: Request,
  response: Response,
  { files, json, jsonBytes, maxBytes }: FormFields & { maxBytes: number },
): Promise<Form> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw new ApiError('payload_too_large')
  const dest = await scratchFolder()
  if (isGone(request)) throw new ClientGone('the client closed the connection')
  if (request.headers.expect !== undefined) response.writeContinue()

  const limits = { fileSize: maxBytes, files: files.length, fields: 100, fieldSize: 1024 * 1024 }
  const receive = multer({ dest, limits }).fields(files.map((name) => ({ name, maxCount: 1 })))
  await new Promise<void>((resolve, reject) => {
    receive(request, response, (error: unknown) => (error ? reject(refusal(error, request)) : resolve()))
  })

  // Multer's type also has the shape that its other modes produce.
  const parts = Object.values(request.files as Record<string, Express.Multer.File[]>).flat()
  const uploads = parts.map((part) => [part.fieldname, uploadOf(part)] as const)
  const discard = async () => {
    await Promise.all(parts.map(({ path }) => rm(path, { force: true })))
  }
  if (sizeOf(request.body) > jsonBytes) {
    await discard()
    throw payloadTooLarge(jsonBytes)
  }
  return { values: { ...parsed(request.body, json), ...Object.fromEntries(uploads) }, discard }
}

/** The texts of a form together, about in bytes. */
function sizeOf(texts: Record<string, unknown>): number {
  const sizes = Object.values(texts).map((text) => (typeof text === 'string' ? text.length : 0))
  return sizes.reduce((sum, size) => sum + size, 0)
}

/** A text that is no JSON stays one, for the schema to refuse. */
function parsed(texts: Record<string, unknown>, json: string[]): Record<string, unknown> {
  const names = new Set(json.map((name) => name.toLowerCase()))
  const entries = Object.entries(texts).map(([name, text]) => {
    if (typeof text !== 'string' || !names.has(name.toLowerCase())) return [name, text] as const
    try {
      return [name, firstJson(Buffer.from(text))] as const
    } catch {
      return [name, text] as const
    }
  })
  return Object.fromEntries(entries)
}

function uploadOf({ path, originalname, mimetype, size }: Express.Multer.File) {
  return received({ path, fileName: originalname, mimeType: mimetype, sizeBytes: size })
}

function isGone(request: IncomingMessage): boolean {
  return request.destroyed && !request.complete
}

/** Multer has deleted what it had written by the time it reports a failure. */
function refusal(cause: unknown, request: IncomingMessage): Error {
  if (isGone(request)) return new ClientGone('the client closed the connection')
  if (cause instanceof MulterError && /^LIMIT_(FILE_SIZE|FIELD_VALUE)$/.test(cause.code))
    return new ApiError('payload_too_large', {}, { cause })
  return new ApiError('invalid_payload', {}, { cause })
}
