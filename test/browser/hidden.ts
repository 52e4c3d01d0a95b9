import type { CDPSession, Page } from 'playwright-core'

/** A node as the developer tools tell it, with what is in shadow roots, closed ones, too. */
interface ToldNode {
  backendNodeId: number
  nodeName: string
  nodeValue: string
  children?: ToldNode[]
  shadowRoots?: ToldNode[]
}

const PATIENCE_MS = 30_000

/**
 * Waits for an element with these words, wherever it is hidden from the page's scripts, and gives the words of all that
 * stands around it.
 */
export async function readHidden(devtools: CDPSession, tag: string, words: string | RegExp): Promise<string> {
  const { around } = await findHidden(devtools, tag, words)
  return wordsOf(around)
}

/** Presses such a button with the mouse, as a person does. */
export async function pressHidden(devtools: CDPSession, page: Page, words: string): Promise<void> {
  const { found } = await findHidden(devtools, 'button', words)
  const { model } = await devtools.send('DOM.getBoxModel', { backendNodeId: found.backendNodeId })
  const [left = 0, top = 0] = model.content
  await page.mouse.click(left + model.width / 4, top + model.height / 4)
}

async function findHidden(
  devtools: CDPSession,
  tag: string,
  words: string | RegExp,
): Promise<{ found: ToldNode; around: ToldNode }> {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    const { root } = await devtools.send('DOM.getDocument', { depth: -1, pierce: true })
    const around = shadowsIn(root).find((shadow) => inside(shadow).some(isIt))
    const found = around && inside(around).find(isIt)
    if (found) return { found, around }
    if (Date.now() > deadline) throw new Error(`no hidden ${tag} says “${words}”`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }

  function isIt(node: ToldNode): boolean {
    if (node.nodeName.toLowerCase() !== tag) return false
    return typeof words === 'string' ? wordsOf(node) === words : words.test(wordsOf(node))
  }
}

function shadowsIn(node: ToldNode): ToldNode[] {
  return inside(node).flatMap(({ shadowRoots = [] }) => shadowRoots)
}

function inside(node: ToldNode): ToldNode[] {
  return [node, ...(node.children ?? []).flatMap(inside)]
}

function wordsOf(node: ToldNode): string {
  return inside(node)
    .filter(({ nodeName }) => nodeName === '#text')
    .map(({ nodeValue }) => nodeValue)
    .join(' ')
}
