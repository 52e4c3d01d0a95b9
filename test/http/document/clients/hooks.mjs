/** The generators of clients write with the programming interface of TypeScript 5, which TypeScript 7 does not have. */
export function resolve(specifier, context, next) {
  return next(
    specifier === 'typescript' ? new URL('typescript.mjs', import.meta.url).href : specifier,
    context,
  )
}
