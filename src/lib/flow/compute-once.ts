/** A function that computes its value when it is first called, and yields the same one from then on. */
export function computeOnce<Value>(compute: () => Value): () => Value {
  let known: { value: Value } | undefined
  return () => {
    known ??= { value: compute() }
    return known.value
  }
}
