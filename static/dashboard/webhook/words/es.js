export const es = {
  address: 'Dirección que recibe los eventos',
  addressHint:
    'Vacía para ninguna. Los eventos se repiten hasta que la dirección responde con un estado 2xx.',
  save: 'Guardar',
  saved: 'Guardado. Los eventos nuevos van allí a partir de ahora.',
  savedWithoutAddress: 'Guardado. No se llama a ningún webhook.',
  savedWithoutEvents: 'Guardado. No se envía nada hasta que elijas eventos.',
  sendTest: 'Enviar un evento de prueba',
  testSent: 'Un evento de prueba está en camino.',
  testNowhere: 'No hay adónde enviarlo. Primero escribe una dirección y guárdala.',
  seeDelivery: 'Ver su entrega',
}
