export const ptBr = {
  asking: 'Perguntando ao servidor.',
  search: 'Buscar contatos',
  searchHint: 'Nome ou número',
  all: { one: '{count} contato.', other: '{count} contatos.' },
  shown: {
    one: '{count} contato mostrado; busque para encontrar outros.',
    other: '{count} contatos mostrados; busque para encontrar outros.',
  },
  more: 'Mais contatos',
  nobody: 'Ainda não há contatos. Eles aparecem aqui quando um celular é vinculado e alguém escreve.',
  nobodyFound: 'Ninguém corresponde. Tente com menos letras.',
  noNumber: 'Número desconhecido',
  lid: 'LID {lid}',
  callsThemselves: 'no WhatsApp: {name}',
  business: 'Empresa: {name}',
  verifiedBusiness: 'Empresa verificada: {name}',
}
