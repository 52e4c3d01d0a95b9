import { fieldsOf } from './document.js'

/**
 * A request for an operation as it is being written: begun with the examples of the document, changed by the form.
 * `parameters` are those of path and query, `values` what stands for them.
 */
export function createRequest(
  { method, path, parameters = [], requestBody, security = [] },
  { document, keys },
) {
  const content = requestBody?.content ?? {}
  const json = content['application/json']
  const form = content['multipart/form-data']
  const [scheme] = security.flatMap((one) => Object.keys(one))
  const asked = parameters.filter(({ in: place }) => place !== 'header')
  const request = {
    method: method.toUpperCase(),
    parameters: asked,
    values: new Map(asked.map(({ name, example }) => [name, example === undefined ? '' : String(example)])),
    /** What there is to choose from, `json` first. */
    ways: [...(json ? ['json'] : []), ...(form ? ['form'] : [])],
    way: json ? 'json' : form ? 'form' : undefined,
    json: json && JSON.stringify(json.example ?? {}, undefined, 2),
    parts: form ? partsOf(form, json?.example ?? {}, document.resolve) : [],
    address,
    headers,
    sample,
  }
  return request

  function address() {
    const query = asked
      .filter(({ in: place, name }) => place === 'query' && request.values.get(name) !== '')
      .map(({ name }) => `${encodeURIComponent(name)}=${encodeURIComponent(request.values.get(name))}`)
    const filled = path.replace(/\{(\w+)\}/g, (_all, name) =>
      encodeURIComponent(request.values.get(name) ?? ''),
    )
    return document.serverUrl + filled + (query.length > 0 ? `?${query.join('&')}` : '')
  }

  function headers() {
    if (scheme === undefined) return {}
    const { name } = document.schemes[scheme]
    return { [name]: keys.of(scheme) || `YOUR-${scheme.toUpperCase()}` }
  }

  function sample() {
    const common = { method: request.method, url: address(), headers: headers() }
    if (request.way === 'form') return { ...common, form: request.parts.filter(({ value }) => value !== '') }
    return request.way === 'json' ? { ...common, json: parsed(request.json) } : common
  }
}

/** The fields of a form; those that are no texts are written as JSON. */
function partsOf({ schema }, example, resolve) {
  return fieldsOf(schema, resolve).map(({ name, field, isRequired }) => {
    const isFile = field.format === 'binary'
    const given = example[name] ?? (isRequired ? (field.enum?.[0] ?? 'text') : '')
    const text = typeof given === 'string' ? given : JSON.stringify(given)
    return { name, isFile, value: isFile ? (isRequired || example[name] ? 'picture.jpg' : '') : text }
  })
}

/** What was typed, as JSON; as it is where it is none yet. */
function parsed(text) {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
