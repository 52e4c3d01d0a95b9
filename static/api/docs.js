import { element, freshId, noticeElement } from '../dashboard/parts/dom.js'
import { fillWords } from '../language.js'
import { byId, markCurrent } from '../page.js'
import { offerPreferences } from '../preferences.js'
import { readDocument } from './document.js'
import { createKeys } from './keys.js'
import { operationView, plain } from './operation-view.js'
import { words } from './words.js'

/**
 * Shows OpenAPI documents, one at a time: an operation on the right, all of them on the left. What is shown stands in the
 * address, behind `#`; keys never do.
 * @param {{name: string, url: string}[]} documents `url` is absolute
 */
export async function showDocuments(documents) {
  const keys = createKeys()
  const notice = noticeElement()
  let shown
  let write = () => {}

  byId('back').href = new URL('../dashboard/', import.meta.url).href
  offerPreferences(() => {
    fillWords(words, words('page'))
    if (shown) draw()
  })
  fillWords(words, words('page'))
  byId('main').append(notice)
  await keys.readUsers()
  offerDocuments()
  window.addEventListener('hashchange', () => void show())
  await show()

  function offerDocuments() {
    const choice = byId('api')
    choice.append(...documents.map(({ name }, index) => new Option(name, String(index))))
    choice.hidden = documents.length < 2
    choice.addEventListener('change', () => {
      location.hash = `#/${choice.value}`
    })
  }

  /** `#/<number of the document>/<operation>`. */
  async function show() {
    if (location.hash && !location.hash.startsWith('#/')) return
    const [, wanted = '0', operation = ''] = location.hash.split('/')
    const index = documents[Number(wanted)] ? Number(wanted) : 0
    byId('api').value = String(index)
    if (shown?.index !== index) {
      notice.textContent = words('loading')
      const { url } = documents[index]
      const json = await fetch(url)
        .then((response) => response.json())
        .catch(() => undefined)
      notice.textContent = json ? '' : words('failed')
      if (!json) return
      const document = readDocument(json)
      // Where it is said to be is below this server, whatever is before its own paths.
      document.serverUrl = new URL(url).href.replace(/\/docs\/(openapi|swagger)\.json$|\/openapi\.json$/, '')
      shown = { index, document, url }
      drawMenu()
    }
    drawOperation(operation)
  }

  function draw() {
    drawMenu()
    drawOperation(location.hash.split('/')[2] ?? '')
  }

  function drawMenu() {
    const { document, index } = shown
    const id = freshId('search')
    const search = element('input', { id, type: 'search', autocomplete: 'off', on: { input: find } })
    const nothing = noticeElement()
    const chapters = document.chapters.map(({ name, operations }) => ({
      element: element(
        'details',
        {},
        element('summary', { textContent: name }),
        element(
          'ul',
          {},
          operations.map(({ operationId, summary, isEvent, path }) =>
            element(
              'li',
              {},
              element('a', { href: `#/${index}/${operationId}`, textContent: isEvent ? path : summary }),
            ),
          ),
        ),
      ),
      operations,
    }))
    byId('menu').replaceChildren(
      element('label', { htmlFor: id, textContent: words('search') }),
      search,
      nothing,
      ...chapters.map((chapter) => chapter.element),
      element('p', {}, element('a', { href: shown.url, textContent: words('document') })),
    )

    function find() {
      const wanted = search.value.trim().toLowerCase()
      let found = 0
      for (const { element: chapter, operations } of chapters) {
        const links = [...chapter.querySelectorAll('li')]
        links.forEach((link, at) => {
          const { summary, path, operationId } = operations[at]
          link.hidden = wanted !== '' && !`${summary} ${path} ${operationId}`.toLowerCase().includes(wanted)
        })
        const left = links.filter(({ hidden }) => !hidden).length
        chapter.hidden = left === 0
        chapter.open = wanted !== '' && left > 0
        found += left
      }
      nothing.textContent = found === 0 ? words('nothingFound') : ''
    }
  }

  function drawOperation(operationId) {
    const { document } = shown
    const operation = document.byId.get(operationId)
    for (const link of byId('menu').querySelectorAll('a')) {
      const isCurrent = link.hash !== '' && link.hash.endsWith(`/${operationId}`) && operation !== undefined
      markCurrent(link, isCurrent)
      if (isCurrent) link.closest('details').open = true
    }
    const view = operation ? operationView(operation, { document, keys }) : overview(document)
    write = view.write ?? (() => {})
    byId('shown').replaceChildren(view.element, keysCard(document))
    if (operation) byId('main').focus({ preventScroll: true })
    window.scrollTo(0, 0)
  }

  function overview({ title, description, chapters }) {
    return {
      element: element(
        'article',
        {},
        element('h1', { textContent: title }),
        description
          .split('\n\n')
          .map((text) => element('p', { className: 'lead', textContent: plain(text) })),
        element('h2', { textContent: words('chapters') }),
        element(
          'dl',
          { className: 'chapters' },
          chapters.flatMap(({ name, description: text = '' }) => [
            element('dt', { textContent: name }),
            element('dd', { textContent: plain(text) }),
          ]),
        ),
      ),
    }
  }

  function keysCard({ schemes }) {
    const fields = keys.fields(schemes, () => write())
    if (fields.length === 0) return ''
    return element(
      'section',
      { className: 'card stack', aria: { labelledby: 'keys-title' } },
      element('h2', { id: 'keys-title', textContent: words('keys') }),
      element('p', { className: 'hint', textContent: words('keysHint') }),
      fields,
    )
  }
}
