import type { SchemaComponents } from './components.ts'
import type { Json, Schema } from './json-schema.ts'
import { schemaOfAll } from './schema-of-examples.ts'
import { type DocumentWords, described, type WebhookExample } from './words.ts'

/** The chapter of everything that is sent to webhooks. */
export const WEBHOOKS_TAG = 'Events of webhooks'

/** What is said of events as a whole. */
export const WEBHOOKS_TAG_TEXT =
  'What this server sends to a webhook. A receiver answers 2xx; anything else is repeated, under the same `webhook-id`'

/** Headers of every webhook, by the Standard Webhooks specification. */
const SIGNATURE_HEADERS: [name: string, description: string, example: string][] = [
  ['webhook-id', 'The delivery; a repetition has the same one', 'dlv_3f0c9a27b1d84e6f'],
  [
    'webhook-timestamp',
    'When this attempt began, in Unix seconds; refuse what is older than five minutes',
    '1773500966',
  ],
  [
    'webhook-signature',
    'Where the target has a secret: `v1,` and the base64 of HMAC-SHA256 over `<webhook-id>.<webhook-timestamp>.<body>`, with the bytes of the secret; several, with spaces between them, while a secret is being replaced',
    'v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=',
  ],
]

/** The section `webhooks` of a document: an operation for each event. */
export async function webhookOperations(
  words: DocumentWords,
  components: SchemaComponents,
): Promise<Record<string, Json>> {
  const byName = new Map<string, WebhookExample[]>()
  for (const example of (await words.webhooks?.()) ?? [])
    byName.set(example.name, [...(byName.get(example.name) ?? []), example])
  return Object.fromEntries(
    [...byName].map(([name, examples]) => [name, { post: operation(name, examples, { words, components }) }]),
  )
}

function operation(
  name: string,
  examples: WebhookExample[],
  { words, components }: { words: DocumentWords; components: SchemaComponents },
): Json {
  const contentTypes = [...new Set(examples.flatMap(({ bodies }) => Object.keys(bodies)))]
  const summaries = [...new Set(examples.map(({ summary }) => summary))]
  return {
    operationId: `event${pascal(name)}`,
    tags: [WEBHOOKS_TAG],
    summary: summaries[0],
    ...(summaries.length > 1 && { description: summaries.join('. ') }),
    security: [],
    parameters: [...SIGNATURE_HEADERS.map(signatureHeader), ...ownHeaders(examples, words)],
    requestBody: {
      required: true,
      content: Object.fromEntries(
        contentTypes.map((type) => [type, content(name, type, { examples, words, components })]),
      ),
    },
    responses: {
      '2XX': { description: 'Taken' },
      410: { description: 'Nobody wants this any more: it is given up at once' },
      '4XX': { description: 'Not taken: it is repeated' },
      default: { description: 'Not taken: it is repeated' },
    },
  }
}

function content(
  name: string,
  type: string,
  {
    examples,
    words,
    components,
  }: { examples: WebhookExample[]; words: DocumentWords; components: SchemaComponents },
): Json {
  const bodies = examples.flatMap(({ bodies }) => (bodies[type] === undefined ? [] : [bodies[type]]))
  const schema: Schema = described(schemaOfAll(bodies), words.fields)
  const isForm = type !== 'application/json'
  return {
    schema: components.named(`Event${pascal(name)}${isForm ? 'Form' : ''}`, schema),
    ...(bodies.length === 1
      ? { example: bodies[0] }
      : { examples: Object.fromEntries(bodies.map((value, index) => [String(index + 1), { value }])) }),
  }
}

function signatureHeader([name, description, example]: [string, string, string]): Json {
  return {
    name,
    in: 'header',
    required: name !== 'webhook-signature',
    description,
    schema: { type: 'string' },
    example,
  }
}

/** The headers in which a dialect says more: the event's name, a signature of its own. */
function ownHeaders(examples: WebhookExample[], { webhookHeaders = {} }: DocumentWords): Json[] {
  const headers = new Map(examples.flatMap((one) => Object.entries(one.headers)))
  return [...headers].flatMap(([name, example]) => {
    const description = webhookHeaders[name.toLowerCase()]
    if (description === undefined) return []
    return [{ name, in: 'header', required: false, description, schema: { type: 'string' }, example }]
  })
}

function pascal(name: string): string {
  return name
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')
}
