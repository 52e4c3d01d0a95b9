export const es = {
  asking: 'Preguntando al servidor.',
  search: 'Buscar contactos',
  searchHint: 'Nombre o número',
  all: { one: '{count} contacto.', other: '{count} contactos.' },
  shown: {
    one: '{count} contacto mostrado; busca para encontrar otros.',
    other: '{count} contactos mostrados; busca para encontrar otros.',
  },
  more: 'Más contactos',
  nobody: 'Todavía no hay contactos. Aparecen aquí cuando se vincula un teléfono y alguien escribe.',
  nobodyFound: 'Nadie coincide. Prueba con menos letras.',
  noNumber: 'Número desconocido',
  lid: 'LID {lid}',
  callsThemselves: 'en WhatsApp: {name}',
  business: 'Empresa: {name}',
  verifiedBusiness: 'Empresa verificada: {name}',
}
