const STYLE = `
  :host { all: initial; }
  .box {
    position: fixed; inset: 16px 16px auto auto; z-index: 2147483647; box-sizing: border-box;
    width: min(360px, calc(100vw - 32px)); padding: 20px; border: 1px solid #c6d3d0;
    border-radius: 18px 18px 18px 4px; background: #fbfdfc; color: #112523;
    box-shadow: 0 8px 32px rgb(4 20 18 / 30%); font: 16px/1.5 system-ui, sans-serif;
  }
  h2 { margin: 0 0 6px; font-size: 18px; line-height: 1.3; }
  p { margin: 0 0 12px; overflow-wrap: anywhere; }
  .code { font: 650 30px/1.4 ui-monospace, Menlo, monospace; letter-spacing: 0.08em; }
  .notice { padding: 8px 12px; border-radius: 10px; background: #f8e6e4; color: #a32a2e; }
  :is(.code, .notice):empty { display: none; }
  .actions { display: flex; flex-wrap: wrap; gap: 8px; margin: 0; }
  button {
    min-height: 44px; padding: 8px 16px; border: 1px solid #4c625e; border-radius: 12px 12px 4px 12px;
    background: none; color: inherit; font: inherit; font-weight: 600; cursor: pointer;
  }
  button.primary { border-color: #0e625b; background: #0e625b; color: #f4fbf9; }
  :focus-visible { outline: 3px solid #0e625b; outline-offset: 2px; }
  @media (prefers-color-scheme: dark) {
    .box { border-color: #2c403d; background: #142120; color: #e2edeb; }
    .notice { background: #3a1d1d; color: #ff9c97; }
    button { border-color: #9ab0ac; }
    button.primary { border-color: #6accc0; background: #6accc0; color: #04211e; }
    :focus-visible { outline-color: #6accc0; }
  }
`

/**
 * A small box above WhatsApp's page, out of reach of the page's scripts and styles. `show` takes `title`, `text`, `code`,
 * and `buttons` with `words`, `isPrimary` and `onPress`; `say` shows what went wrong, '' hides it.
 */
function createBox() {
  const host = document.createElement('div')
  const root = host.attachShadow({ mode: 'closed' })
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(STYLE)
  root.adoptedStyleSheets = [sheet]

  const status = element('div', { role: 'status' })
  const title = element('h2', {})
  const text = element('p', {})
  const code = element('p', { class: 'code', translate: 'no' })
  const notice = element('p', { class: 'notice', role: 'alert' })
  const actions = element('p', { class: 'actions' })
  const box = element('section', { class: 'box', 'aria-label': chrome.i18n.getMessage('name') })
  status.append(title, text, code)
  box.append(status, notice, actions)
  root.append(box)
  document.documentElement.append(host)
  let shown = ''

  return {
    show({ buttons, ...words }) {
      // A live region reads every write aloud, and a button that is replaced loses the focus.
      const next = JSON.stringify([words, buttons])
      if (shown === next) return
      shown = next
      title.textContent = words.title
      text.textContent = words.text
      code.textContent = words.code ?? ''
      actions.replaceChildren(...buttons.map(button))
      actions.firstChild?.focus()
    },
    say(words) {
      notice.textContent = words
    },
    close: () => host.remove(),
  }

  function button({ words, isPrimary, onPress }) {
    const made = element('button', { type: 'button', class: isPrimary ? 'primary' : '' })
    made.textContent = words
    made.addEventListener('click', (event) => {
      // Only a person may press it.
      if (!event.isTrusted || made.getAttribute('aria-busy')) return
      made.setAttribute('aria-busy', 'true')
      void Promise.resolve(onPress()).finally(() => made.removeAttribute('aria-busy'))
    })
    return made
  }

  function element(tag, attributes) {
    const made = document.createElement(tag)
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
    return made
  }
}
