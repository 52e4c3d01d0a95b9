const METHODS = ['get', 'post', 'put', 'patch', 'delete']

/**
 * An OpenAPI document as the page shows it: its chapters in their order, each with its operations and, last, the events
 * of its webhooks.
 */
export function readDocument(json) {
  const operations = [
    ...operationsIn(json.paths, json),
    ...operationsIn(json.webhooks ?? {}, json).map((event) => ({ ...event, isEvent: true })),
  ]
  const chapters = json.tags.map(({ name, description }) => ({
    name,
    description,
    operations: operations.filter(({ tags }) => tags.includes(name)),
  }))
  const byId = new Map(operations.map((operation) => [operation.operationId, operation]))
  const schemes = json.components.securitySchemes
  const base = json.servers[0].url.replace(/\/$/, '')
  return {
    title: json.info.title,
    description: json.info.description,
    chapters,
    byId,
    schemes,
    base,
    resolve,
  }

  /** What a reference stands for; what is no reference is given back. */
  function resolve(value) {
    if (!value?.$ref) return value
    const found = value.$ref
      .slice(2)
      .split('/')
      .reduce((inner, name) => inner?.[name], json)
    const { $ref, ...beside } = value
    return { ...found, ...beside }
  }
}

function operationsIn(paths) {
  return Object.entries(paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => ({ ...item[method], method, path })),
  )
}

/** The type of a field in a few letters: `string`, `integer[]`, `string or null`. */
export function typeText(schema, resolve) {
  const { type, items, anyOf, oneOf, enum: words } = resolve(schema) ?? {}
  const alternatives = anyOf ?? oneOf
  if (alternatives) return [...new Set(alternatives.map((one) => typeText(one, resolve)))].join(' | ')
  if (type === 'array') return `${items ? typeText(items, resolve) : 'any'}[]`
  if (Array.isArray(type)) return type.join(' | ')
  return type ?? (words ? 'string' : 'any')
}

/** The fields of an object, or of the objects in a list: schema and whether each is required. */
export function fieldsOf(schema, resolve) {
  const { properties, required = [], items, anyOf, oneOf, additionalProperties } = resolve(schema) ?? {}
  if (properties)
    return Object.entries(properties).map(([name, field]) => ({
      name,
      field: resolve(field),
      isRequired: required.includes(name),
    }))
  if (items) return fieldsOf(items, resolve)
  const alternative = (anyOf ?? oneOf ?? []).find((one) => fieldsOf(one, resolve).length > 0)
  if (alternative) return fieldsOf(alternative, resolve)
  return typeof additionalProperties === 'object' ? fieldsOf(additionalProperties, resolve) : []
}
