/** How one recorded request ended. */
export interface Outcome {
  route: string
  case: string
  kind: 'same' | 'intended' | 'different' | 'missing' | 'skipped'
  /** What differs. */
  detail: string
}

/** The numbers of every route, with what differs and nobody intended; at the end what else is to be known. */
export function report(outcomes: Outcome[], remarks: string[]): string {
  const routes = new Map<string, Outcome[]>()
  for (const outcome of outcomes)
    if (outcome.kind !== 'skipped') routes.set(outcome.route, [...(routes.get(outcome.route) ?? []), outcome])
  const lines = [...routes].flatMap(([route, all]) => {
    const count = (kind: Outcome['kind']) => all.filter((one) => one.kind === kind).length
    if (count('missing') === all.length) return []
    const different = all.filter(({ kind }) => kind === 'different')
    const numbers = `${count('same')} same, ${count('intended')} intended, ${different.length} different`
    if (different.length === 0 && count('intended') === 0) return []
    return [`${route}: ${numbers}`, ...different.map((one) => `    ${one.case}\n        ${one.detail}`)]
  })
  const total = (kind: Outcome['kind']) => outcomes.filter((one) => one.kind === kind).length
  const missing = [...routes].filter(([, all]) => all.every(({ kind }) => kind === 'missing'))
  return [
    ...lines,
    `${total('same')} same, ${total('intended')} intended, ${total('different')} different`,
    ...(missing.length > 0
      ? [
          `${total('missing')} of ${missing.length} routes that are not served: ${missing.map(([route]) => route).join(', ')}`,
        ]
      : []),
    ...remarks,
  ].join('\n')
}
