import type { ZodType } from 'zod'
import { type Json, jsonSchema, mapInnerSchemas, type Schema } from './json-schema.ts'

/** Marks a file that only a form can carry: `formOnly` and `formNeeded` of `fields.ts`. */
const FORM_ONLY = 'x-form-only'
const FILE = 'A data URL, base64 or an http(s) address'

/** A body in each form that it may have: media type -> schema. */
export interface BodyForms {
  'application/json'?: Schema
  'multipart/form-data'?: Schema
}

/**
 * How a body may be written. Where it has a file, a form carries the bytes and JSON a text: a schema for each, because a
 * typed client would otherwise send one in the place of the other.
 */
export function bodyForms(body: ZodType): BodyForms {
  const schema = jsonSchema(body, 'input')
  const fields = Object.entries(schema.properties ?? {})
  const forms: BodyForms = {}
  const needsForm = fields.some(([, field]) => field[FORM_ONLY] === 'needed')
  if (!needsForm) forms['application/json'] = textSchema(withoutFormOnly(schema))
  if (fields.some(([, field]) => field.format === 'binary')) forms['multipart/form-data'] = formSchema(schema)
  return forms
}

/** How the parts of a form are written that are neither texts nor files. */
export function formEncoding({ properties = {} }: Schema): Json | undefined {
  const structured = Object.entries(properties).filter(([, { type, $ref }]) =>
    [type, $ref && 'object'].some((one) => one === 'object' || one === 'array'),
  )
  if (structured.length === 0) return undefined
  return Object.fromEntries(structured.map(([name]) => [name, { contentType: 'application/json' }]))
}

function formSchema(schema: Schema): Schema {
  return mapInnerSchemas(schema, (field) => {
    if (field.format !== 'binary') return textSchema(field)
    const { [FORM_ONLY]: _only, ...shown } = field
    return shown
  })
}

/** Files inside JSON are texts. */
function textSchema(schema: Schema): Schema {
  const inner = mapInnerSchemas(schema, textSchema)
  if (inner.format !== 'binary') return inner
  const { format, [FORM_ONLY]: _only, ...text } = inner
  return { description: FILE, ...text }
}

function withoutFormOnly(schema: Schema): Schema {
  if (!schema.properties) return schema
  const properties = Object.entries(schema.properties).filter(([, field]) => !field[FORM_ONLY])
  return { ...schema, properties: Object.fromEntries(properties) }
}
