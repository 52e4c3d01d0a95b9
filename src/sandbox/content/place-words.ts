import { z } from 'zod'
import { word } from './word.ts'

const place = { latitude: z.number(), longitude: z.number() }
const person = z.object({ name: z.string(), phone: z.string().optional(), vcard: z.string().optional() })

/** Places and people. */
export const placeWords = {
  location: word(
    z.object({ ...place, name: z.string().optional(), address: z.string().optional() }),
    ({ latitude, longitude, name, address }) => ({
      locationMessage: { degreesLatitude: latitude, degreesLongitude: longitude, name, address },
    }),
  ),
  /** Where somebody is, again and again. */
  liveLocation: word(
    z.object({
      ...place,
      caption: z.string().optional(),
      /** Metres. */
      accuracy: z.int().nonnegative().optional(),
      /** Metres per second. */
      speed: z.number().nonnegative().optional(),
      /** Degrees clockwise from north. */
      heading: z.int().optional(),
      /** Grows with each report. */
      sequence: z.int().default(1),
    }),
    ({ latitude, longitude, caption, accuracy, speed, heading, sequence }) => ({
      liveLocationMessage: {
        degreesLatitude: latitude,
        degreesLongitude: longitude,
        caption,
        accuracyInMeters: accuracy,
        speedInMps: speed,
        degreesClockwiseFromMagneticNorth: heading,
        sequenceNumber: sequence,
      },
    }),
  ),
  contact: word(person, (one) => ({ contactMessage: card(one) })),
  contacts: word(z.array(person).min(2), (people) => ({
    contactsArrayMessage: { displayName: `${people.length} contacts`, contacts: people.map(card) },
  })),
}

function card({ name, phone = '', vcard }: z.infer<typeof person>) {
  const made = `BEGIN:VCARD\nVERSION:3.0\nFN:${name}\nTEL;type=CELL;waid=${phone}:+${phone}\nEND:VCARD`
  return { displayName: name, vcard: vcard ?? made }
}
