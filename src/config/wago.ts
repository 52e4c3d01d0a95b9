import { setting } from './setting.ts'
import { bool } from './values.ts'

/** The settings of the dialect wago, whose document names the switch and not the setting. */
export const wagoSettings = {
  wagoForwardMedia: setting(['WAGO_FORWARD_MEDIA'], bool.default(false), {
    help: 'wago: webhooks get the files of messages, as the part `file` of a multipart form',
  }),
}
