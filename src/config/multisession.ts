import { setting } from './setting.ts'
import { text } from './values.ts'

/** The settings of the dialect multisession, under the names its document gives them. */
export const multisessionSettings = {
  jwtSecretKey: setting(['JWT_SECRET_KEY'], text.optional(), {
    help: 'multisession: signs the tokens of devices; the same one on every node',
    isSecret: true,
    shownDefault: 'generated, kept in the database',
  }),
}
