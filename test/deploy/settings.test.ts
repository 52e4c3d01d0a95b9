import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { configTable } from '../../src/config/config.ts'

const root = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')

/** Of Node and of the containers themselves. */
const OTHERS = ['NODE_ENV', 'NODE_COMPILE_CACHE', 'PATH', 'POD_IP']
const known = new Set([...configTable().flatMap(({ env }) => env), ...OTHERS])

interface Compose {
  services: Record<string, { image: string; environment?: Record<string, string> }>
}

interface Manifest {
  kind: string
  metadata: { name: string; labels?: Record<string, string> }
  data?: Record<string, string>
  stringData?: Record<string, string>
  spec: ReturnType<typeof JSON.parse>
}

const manifests = ['namespace', 'settings', 'services', 'nodes', 'disruption-budget', 'ingress'].flatMap(
  (name) =>
    parseAllDocuments(read(`deploy/kubernetes/${name}.yaml`)).map((document) => document.toJS() as Manifest),
)

function manifest(kind: string, name: string): Manifest {
  const found = manifests.find((one) => one.kind === kind && one.metadata.name === name)
  if (!found) throw new Error(`no ${kind} ${name}`)
  return found
}

test.each(['compose.yaml', 'deploy/compose.yaml', 'deploy/traefik/compose.yaml'])(
  'the settings in %s are those of the server',
  (path) => {
    const { services } = parse(read(path), { merge: true }) as Compose
    const nodes = Object.values(services).filter(({ image }) => image === 'parley')

    expect(nodes.length).toBeGreaterThan(0)
    for (const { environment = {} } of nodes)
      expect(Object.keys(environment).filter((name) => !known.has(name))).toEqual([])
  },
)

test('the settings of the systemd unit and of the image are those of the server', () => {
  const unit = /^Environment=(.*)$/m.exec(read('deploy/systemd/parley.service'))?.[1] ?? ''
  const image = /^ENV (PATH=.*)$/m.exec(read('Dockerfile'))?.[1] ?? ''
  const names = `${unit} ${image}`.split(' ').map((pair) => pair.split('=')[0] ?? '')

  expect(names.length).toBeGreaterThan(6)
  expect(names.filter((name) => !known.has(name))).toEqual([])
})

test('the settings in the manifests of Kubernetes are those of the server', () => {
  const [container] = manifest('StatefulSet', 'parley').spec.template.spec.containers
  const names = [
    ...Object.keys(manifest('ConfigMap', 'parley-settings').data ?? {}),
    ...Object.keys(manifest('Secret', 'parley-secrets').stringData ?? {}),
    ...container.env.map(({ name }: { name: string }) => name),
  ]

  expect(names.filter((name) => !known.has(name))).toEqual([])
})

test('the manifests of Kubernetes name each other and the ports that there are', () => {
  const { spec } = manifest('StatefulSet', 'parley')
  const [container] = spec.template.spec.containers
  const labels = JSON.stringify(spec.template.metadata.labels)
  const ports = container.ports.map(({ name }: { name: string }) => name)
  const selecting = ['parley', 'parley-nodes'].map((name) => manifest('Service', name))

  expect(manifest('Service', spec.serviceName).spec.clusterIP).toBe('None')
  for (const { spec: service } of selecting) {
    expect(JSON.stringify(service.selector)).toBe(labels)
    expect(ports).toContain(service.ports[0].targetPort)
  }
  expect(JSON.stringify(manifest('PodDisruptionBudget', 'parley').spec.selector.matchLabels)).toBe(labels)
  expect(container.envFrom).toEqual([
    { configMapRef: { name: 'parley-settings' } },
    { secretRef: { name: 'parley-secrets' } },
  ])
  const [rule] = manifest('Ingress', 'parley').spec.rules
  expect(rule.http.paths[0].backend.service).toEqual({ name: 'parley', port: { name: 'http' } })
  expect(parse(read('deploy/kubernetes/kustomization.yaml')).resources).toHaveLength(6)
})
