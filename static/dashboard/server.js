import { ask } from '../api.js'

/**
 * What the server offers, from its own documents: `network` is `live` or `sandbox`, `has` tells whether there is an
 * endpoint with this path (without leading slash). A page newer than its server then leaves out what it cannot do.
 */
export async function readServer() {
  const [about, own, operator] = await Promise.all([
    ask('parley.json').catch(() => ({})),
    pathsOf('docs/openapi.json'),
    pathsOf('parley/docs/openapi.json'),
  ])
  // The operator's document gives its paths from where it is mounted.
  const known = new Set([...own, ...operator.map((path) => `parley/${path}`)])
  return { network: about.network ?? 'live', version: about.version ?? '', has: (path) => known.has(path) }
}

async function pathsOf(document) {
  const { paths = {} } = await ask(document).catch(() => ({}))
  return Object.keys(paths).map((path) => path.replace(/^\//, ''))
}
