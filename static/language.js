/**
 * The languages of the pages by their names in HTML, what each calls itself, and the name of its table of words in
 * `words/<name in small letters>.js`; the first one is for everybody else.
 */
const LANGUAGES = {
  en: { ownName: 'English', table: 'en' },
  es: { ownName: 'Español', table: 'es' },
  'pt-BR': { ownName: 'Português (Brasil)', table: 'ptBr' },
}

const KEPT = 'parley.language'

/** What brings the tables of another language, for each part of the page that has words. */
const loaders = []

let current = preferred()

/** The language that is shown. */
export function language() {
  return current
}

/** Shows another one, and remembers it for the next page. */
async function speak(name) {
  await Promise.all(loaders.map((load) => load(name)))
  current = name
  try {
    localStorage.setItem(KEPT, name)
  } catch {
    // Browsers may keep nothing: then it is for this page only.
  }
}

/**
 * The words of a page or of a part of it, from the tables in `words/` beside a module. Only the language that is shown is
 * loaded.
 * @param {string} module `import.meta.url` of that module
 * @returns {Promise<ReturnType<typeof createWords>>}
 */
export async function loadWords(module) {
  const tables = {}
  const load = async (name) => {
    if (tables[name]) return
    const found = await import(new URL(`words/${name.toLowerCase()}.js`, module))
    tables[name] = found[LANGUAGES[name].table]
  }
  loaders.push(load)
  await load(current)
  return createWords(tables)
}

/**
 * The words of a page or of a part of it, from one table for each language, all with the same keys.
 * A sentence is a text in which `{name}` stands for the value of that name, or an object of such texts by plural form
 * (`one`, `other`, ...), of which the value of `count` chooses one. Numbers are written as the language writes them.
 * @param {Record<string, Record<string, string | Record<string, string>>>} tables
 */
export function createWords(tables) {
  return function words(key, values = {}) {
    const entry = tables[current][key]
    const text = typeof entry === 'object' ? (entry[pluralOf(values.count)] ?? entry.other) : entry
    if (text === undefined) throw new Error(`the page has no words for ${key}`)
    return text.replace(/\{(\w+)\}/g, (_all, name) => numberText(values[name]))
  }
}

/**
 * Fills a choice with the languages; `onChange` writes the page anew once another one is chosen, for which its words are
 * there.
 */
export function offerLanguages(choice, onChange) {
  choice.replaceChildren(
    ...Object.entries(LANGUAGES).map(([name, { ownName }]) =>
      Object.assign(new Option(ownName, name), { lang: name }),
    ),
  )
  choice.value = current
  choice.onchange = async () => {
    await speak(choice.value)
    onChange()
  }
}

/** Writes all words of a page that are the same in every state, and its title. */
export function fillWords(words, title) {
  document.documentElement.lang = current
  document.title = `${title} - Parley`
  for (const element of document.querySelectorAll('[data-words]')) {
    const text = words(element.dataset.words)
    // A live region reads every write aloud.
    if (element.textContent !== text) element.textContent = text
  }
  for (const element of document.querySelectorAll('[data-words-label]'))
    element.setAttribute('aria-label', words(element.dataset.wordsLabel))
  for (const element of document.querySelectorAll('[data-words-alt]'))
    element.alt = words(element.dataset.wordsAlt)
}

/** A number as the language writes it; anything else stays as it is. */
export function numberText(value) {
  return typeof value === 'number' ? value.toLocaleString(current) : value
}

/** Names one after the other, as the language lists them: `a, b and c`. */
export function listText(names) {
  return new Intl.ListFormat(current).format(names)
}

function pluralOf(count) {
  return new Intl.PluralRules(current).select(count)
}

function preferred() {
  const wanted = [kept(), ...navigator.languages].filter(Boolean)
  for (const name of wanted) {
    const found = Object.keys(LANGUAGES).find((known) => known.slice(0, 2) === name.slice(0, 2).toLowerCase())
    if (found) return found
  }
  return 'en'
}

function kept() {
  try {
    return localStorage.getItem(KEPT)
  } catch {
    return null
  }
}
