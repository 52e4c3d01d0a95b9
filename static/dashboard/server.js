import { ask } from '../api.js'

/** The APIs beside wuzapi's that the console asks. Their lists give the paths from where they are mounted. */
const OTHERS = ['parley', 'multisession']

/**
 * What the server offers: `network` is `live` or `sandbox`, `isNew` tells that nobody has made a user yet, and `has` whether
 * there is an endpoint with this path (without leading slash). The page leaves out what the server cannot do.
 */
export async function readServer() {
  const [about, own, ...others] = await Promise.all([
    ask('parley.json').catch(() => ({})),
    pathsOf('docs/paths.json'),
    ...OTHERS.map(async (name) =>
      (await pathsOf(`${name}/docs/paths.json`)).map((path) => `${name}/${path}`),
    ),
  ])
  const known = new Set([...own, ...others.flat()])
  const { network = 'live', version = '', isNew = false } = about
  return { network, version, isNew, has: (path) => known.has(path) }
}

async function pathsOf(list) {
  const paths = await ask(list).catch(() => [])
  return paths.map((path) => path.replace(/^\//, ''))
}
