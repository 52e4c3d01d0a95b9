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
  browser: ['test/browser/**/*.test.ts'],
  soak: ['test/{load,smoke}/**/*.test.ts'],
}

const shared = {
  pool: 'forks' as const,
  // What is waited for comes within a second; a machine that is busy with something else may take long.
  testTimeout: 60_000,
  hookTimeout: 120_000,
  expect: { poll: { timeout: 30_000 } },
}

const project = (name: string, include: string[], exclude: string[] = []) => ({
  test: { ...shared, name, include, exclude },
})

export default defineConfig({
  test: {
    projects: [
      ...Object.entries(tiers).map(([name, include]) => project(name, include)),
      project('api', ['test/**/*.test.ts'], Object.values(tiers).flat()),
    ],
    // Once for the whole run, whatever tiers are in it.
    globalSetup: ['test/helpers/global-setup.ts'],
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
  },
})
