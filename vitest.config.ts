import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Begins with the test that only waits for two minutes, so that everything else runs beside it. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const isLong = ({ moduleId }: TestSpecification) => moduleId.endsWith('torture.test.ts')
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))]
  }
}

/** The tiers, by folder; whatever is in none of them boots a server and calls it: `api`. */
const tiers = {
  unit: ['test/*.test.ts', 'test/{lib,media,metrics,store}/**/*.test.ts'],
  cluster: ['test/cluster/**/*.test.ts'],
  browser: ['test/browser/**/!(first-view).test.ts'],
  soak: ['test/{load,smoke}/**/*.test.ts'],
}

const shared = {
  pool: 'forks' as const,
  // What is waited for comes within a second; a machine that is busy with something else may take long.
  testTimeout: 60_000,
  hookTimeout: 120_000,
  expect: { poll: { timeout: 30_000 } },
}

/**
 * They change clocks, the environment or what the process does with errors, for everything that runs in it, or measure
 * what it takes.
 */
const apart = [
  'test/delivery/{broker-connection,multipart-process}.test.ts',
  'test/dialects/wago/forwarded-video.test.ts',
  'test/http/{login-throttle,simulation}.test.ts',
  'test/limits/every-field.test.ts',
  'test/security/{bombs,multipart-fuzz,strange-peers}.test.ts',
  'test/whatsapp/defects/**/*.test.ts',
  'test/whatsapp/inbound/large-history.test.ts',
  'test/whatsapp/outbound/send-queue.test.ts',
]

/**
 * Speech of fifty packets a second is heard and measured as it comes, and so is what a person at a screen waits for: one
 * file at a time, after all others.
 */
const realTime = ['test/calls/**/*.test.ts', 'test/browser/first-view.test.ts']

interface Options {
  include: string[]
  exclude?: string[]
  isolate?: boolean
  maxWorkers?: number
  sequence?: { groupOrder: number }
}

const project = (name: string, options: Options) => ({
  test: { ...shared, name, ...options },
})

export default defineConfig({
  test: {
    projects: [
      ...Object.entries(tiers).map(([name, include]) => project(name, { include })),
      project('api apart', { include: apart }),
      // One process after the other loads the server once, and not once per file: a fifth of the time.
      project('api', {
        include: ['test/**/*.test.ts'],
        exclude: [...Object.values(tiers).flat(), ...apart, ...realTime],
        isolate: false,
      }),
      project('real time', { include: realTime, maxWorkers: 1, sequence: { groupOrder: 1 } }),
    ],
    // Once for the whole run, whatever tiers are in it.
    globalSetup: ['test/helpers/global-setup.ts'],
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
  },
})
