// Writes a typed client of each of two generators for an OpenAPI document:
//
//   node generate.mjs <openapi.json> <folder>
import { writeFileSync } from 'node:fs'
import { register } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

register('./hooks.mjs', import.meta.url)

const [document = '', folder = ''] = process.argv.slice(2)
const { default: openapiTS, astToString } = await import('openapi-typescript')
const { default: ts } = await import('typescript')
const { createClient } = await import('@hey-api/openapi-ts')

// As the documentation of openapi-typescript has it for files in forms.
const blob = ts.factory.createTypeReferenceNode('Blob')
const types = await openapiTS(pathToFileURL(document), {
  transform: ({ format }) => (format === 'binary' ? blob : undefined),
})
writeFileSync(join(folder, 'paths.ts'), astToString(types))
await createClient({ input: document, output: join(folder, 'sdk'), logs: { level: 'silent' } })
