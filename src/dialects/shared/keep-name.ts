/** Gives what runs an operation the name of it, which labels the metrics. */
export function keepName<Run extends (...args: never[]) => unknown>(
  operation: { name: string },
  run: Run,
): Run {
  return Object.defineProperty(run, 'name', { value: operation.name })
}
