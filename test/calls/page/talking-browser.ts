import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { launchOptions, openTab, type Tab } from '../../browser/browser.ts'
import { ADMIN_TOKEN } from '../../helpers/app.ts'
import type { CallScene } from '../call-scene.ts'
import { toneWav } from '../routes/call-files-folder.ts'

/** The tone of the microphone. */
export const MICROPHONE_HZ = 700

/** What a browser does when a page wants the microphone. */
const MICROPHONES = {
  given: ['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream'],
  denied: ['--deny-permission-prompts', '--use-fake-device-for-media-stream'],
  missing: ['--use-fake-ui-for-media-stream'],
}

/** A host that is no localhost, and so not secure without TLS. */
export const INSECURE_HOST = 'parley.test'

/** A browser with a microphone that hears a tone, or without one. */
export interface TalkingBrowser {
  browser: Browser
  close(): Promise<void>
}

export async function launchTalkingBrowser(
  microphone: keyof typeof MICROPHONES = 'given',
): Promise<TalkingBrowser> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-test-'))
  await writeFile(join(folder, 'microphone.wav'), toneWav(MICROPHONE_HZ, 10))
  const browser = await chromium.launch({
    ...launchOptions,
    args: [
      ...launchOptions.args,
      ...MICROPHONES[microphone],
      `--use-file-for-fake-audio-capture=${join(folder, 'microphone.wav')}`,
      '--autoplay-policy=no-user-gesture-required',
      `--host-resolver-rules=MAP ${INSECURE_HOST} 127.0.0.1`,
    ],
  })
  return {
    browser,
    async close() {
      await browser.close()
      await rm(folder, { recursive: true })
    },
  }
}

/** A section of the scene's user in the dashboard, signed in; `host` is another name of this machine. */
export async function openSection(
  browser: Browser,
  scene: CallScene,
  { section = 'calls', width = 1280, host = '127.0.0.1' } = {},
): Promise<Tab> {
  const base = scene.app.url.replace('127.0.0.1', host)
  const tab = await openTab(browser, `${base}/login/`, width)
  await tab.page.evaluate(`sessionStorage.setItem('parley.admin', '${ADMIN_TOKEN}')`)
  await tab.page.goto(`${base}/dashboard/#/users/${scene.user.id}/${section}`)
  await tab.page.getByRole('button', { name: 'Sign out' }).waitFor()
  return tab
}

/** The loudest frequency of what a page plays, and how loud it is, 0 to 255. */
export function heardInPage(page: Page): Promise<{ hz: number; level: number }> {
  return page.evaluate<{ hz: number; level: number }>(`(async () => {
    const stream = document.querySelector('audio')?.srcObject
    if (!stream) return { hz: 0, level: 0 }
    const context = new AudioContext()
    const analyser = context.createAnalyser()
    analyser.fftSize = 16384
    context.createMediaStreamSource(stream).connect(analyser)
    await new Promise((done) => setTimeout(done, 700))
    const bins = new Uint8Array(analyser.frequencyBinCount)
    analyser.getByteFrequencyData(bins)
    const level = Math.max(...bins)
    const hz = (bins.indexOf(level) * context.sampleRate) / analyser.fftSize
    await context.close()
    return { hz, level }
  })()`)
}
