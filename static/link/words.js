import { setText } from '../page.js'
import { en } from './words/en.js'
import { es } from './words/es.js'
import { ptBr } from './words/pt-br.js'

/** The languages of the page, by their names in HTML; the first one is for everybody else. */
export const languages = {
  en: { name: 'English', words: en },
  es: { name: 'Español', words: es },
  'pt-BR': { name: 'Português (Brasil)', words: ptBr },
}

const KEPT = 'parley.language'

let current = preferred()

/** The language that is shown. */
export function language() {
  return current
}

/** Shows another one, and remembers it for the next page. */
export function speak(name) {
  current = name
  try {
    localStorage.setItem(KEPT, name)
  } catch {
    // Browsers may keep nothing: then it is for this page only.
  }
}

/** A sentence in the language of the page; `{name}` in it is replaced by the value of that name. */
export function words(key, values = {}) {
  const text = languages[current].words[key]
  if (text === undefined) throw new Error(`the page has no words for ${key}`)
  return text.replace(/\{(\w+)\}/g, (_all, name) => values[name])
}

/** Writes all that is the same in every state. */
export function fillWords() {
  document.documentElement.lang = current
  document.title = `${words('page')} - Parley`
  for (const element of document.querySelectorAll('[data-words]'))
    setText(element, words(element.dataset.words))
  for (const element of document.querySelectorAll('[data-words-label]'))
    element.setAttribute('aria-label', words(element.dataset.wordsLabel))
}

function preferred() {
  const wanted = [kept(), ...navigator.languages].filter(Boolean)
  for (const name of wanted) {
    const found = Object.keys(languages).find((known) => known.slice(0, 2) === name.slice(0, 2).toLowerCase())
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
