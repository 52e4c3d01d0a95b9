import { mapInnerSchemas, type Schema } from './json-schema.ts'

/** What a field of some name means wherever nothing else is said, and a value that it could have. */
export type FieldWords = string | readonly [text: string, example: unknown]

/** Fields by their names in small letters, without underscores and hyphens. */
export type Glossary = Readonly<Record<string, FieldWords>>

/** What a webhook may get: as it is sent, in all the forms there are. */
export interface WebhookExample {
  /** The name of the event, as its subscribers know it. */
  name: string
  /** When it is sent. */
  summary: string
  /** Content type -> the body; that of a form is the object of its fields. */
  bodies: Record<string, unknown>
  /** The headers that are the dialect's own. */
  headers: Record<string, string>
}

/** What the document of a dialect says besides what is declared; it is loaded when somebody asks for the document. */
export interface DocumentWords {
  /** What the API is, and where its keys come from. */
  description: string
  /** Each chapter in a sentence. */
  tags: Readonly<Record<string, string>>
  fields: Glossary
  /** What its webhooks are sent. */
  webhooks?: () => Promise<WebhookExample[]>
  /** What its own headers of webhooks are, by their names in small letters. */
  webhookHeaders?: Readonly<Record<string, string>>
}

/** A document without words: what is declared, and nothing else. */
export const NO_WORDS: DocumentWords = { description: '', tags: {}, fields: {} }

/** What the glossary knows about a field. */
export function fieldWords(fields: Glossary, name: string): { text?: string; example?: unknown } {
  const found = fields[name.toLowerCase().replace(/[-_]/g, '')]
  if (found === undefined) return {}
  return typeof found === 'string' ? { text: found } : { text: found[0], example: found[1] }
}

/** A schema in which every field that says nothing of itself is described by the glossary. */
export function described(schema: Schema, fields: Glossary): Schema {
  return mapInnerSchemas(schema, (inner, name) => {
    const full = described(inner, fields)
    const { text } = name === undefined ? {} : fieldWords(fields, name)
    return full.description === undefined && text !== undefined ? { ...full, description: text } : full
  })
}
