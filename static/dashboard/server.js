import { ask } from '../api.js'

/** The APIs beside wuzapi's that the dashboard asks. Their documents give the paths from where they are mounted. */
const OTHERS = ['parley', 'multisession']

/**
 * What the server offers, from its own documents: `network` is `live` or `sandbox`, `has` tells whether there is an
 * endpoint with this path (without leading slash). A page newer than its server then leaves out what it cannot do.
 */
export async function readServer() {
  const [about, own, ...others] = await Promise.all([
    ask('parley.json').catch(() => ({})),
    pathsOf('docs/openapi.json'),
    ...OTHERS.map(async (name) =>
      (await pathsOf(`${name}/docs/openapi.json`)).map((path) => `${name}/${path}`),
    ),
  ])
  const known = new Set([...own, ...others.flat()])
  return { network: about.network ?? 'live', version: about.version ?? '', has: (path) => known.has(path) }
}

async function pathsOf(document) {
  const { paths = {} } = await ask(document).catch(() => ({}))
  return Object.keys(paths).map((path) => path.replace(/^\//, ''))
}
