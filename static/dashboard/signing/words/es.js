export const es = {
  lead: 'Una firma demuestra al receptor que un webhook viene de este servidor y que nadie lo cambió por el camino.',
  webhook: 'Webhook',

  standard: 'Secreto de Standard Webhooks',
  standardHint:
    'Con un secreto, cada webhook lleva {header}, que las bibliotecas de Standard Webhooks comprueban.',
  hours: 'Horas que el secreto actual sigue siendo válido',
  hoursHint: 'Mientras tanto firman los dos: dale el nuevo al receptor dentro de este plazo.',
  makeSecret: 'Crear un secreto nuevo',
  newSecret: 'Secreto nuevo',
  secret: 'Secreto',
  noSecret: 'No hay ningún secreto.',
  signedWith: 'Firmado con {secret}',
  formerSigns: '{secret} también firma, hasta {moment}.',
  shownOnce: 'Este es el secreto nuevo. No se vuelve a mostrar aquí.',
  remove: 'Quitar',
  removeSecretsTitle: '¿Quitar los secretos?',
  removeSecretsText:
    'Los webhooks ya no llevan webhook-signature. Un receptor que la compruebe los rechazará.',
  secretsRemoved: 'Quitados.',

  ownSignature: 'Clave de la firma propia de la API',
  keyExplained:
    'Con una clave, cada webhook lleva {header}: el HMAC-SHA256 del cuerpo, en hexadecimal. El receptor también lo calcula y compara.',
  key: 'Clave',
  keyHint: 'Al menos 32 caracteres. Se guarda cifrada y no se vuelve a mostrar: guarda una copia.',
  keySet: 'Hay una clave: los webhooks se firman.',
  noKey: 'No hay clave: los webhooks no se firman.',
  saveKey: 'Guardar clave',
  keySaved: 'Guardada. A partir de ahora los webhooks se firman con esta clave.',
  generate: 'Generar',
  copy: 'Copiar',
  removeKey: 'Quitar clave',
  removeKeyTitle: '¿Quitar la clave?',
  removeKeyText: 'Los webhooks ya no se firman. Un receptor que compruebe firmas los rechazará.',
  keyRemoved: 'Quitada. Los webhooks ya no se firman.',
}
