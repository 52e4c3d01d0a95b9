import { ApiError } from '../../../lib/errors.ts'

/** The first given of the names a field goes by. Throws `missing_field` in the words of the first name. */
export function oneOf<Value>(name: string, ...values: (Value | undefined)[]): Value {
  const given = values.find((value) => value !== undefined)
  if (given === undefined) throw new ApiError('missing_field', { text: `${name} is required` })
  return given
}
