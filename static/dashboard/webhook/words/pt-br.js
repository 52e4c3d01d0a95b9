export const ptBr = {
  address: 'Endereço que recebe os eventos',
  addressHint: 'Vazio para nenhum. Os eventos são repetidos até o endereço responder com um status 2xx.',
  save: 'Salvar',
  saved: 'Salvo. Os eventos novos vão para lá a partir de agora.',
  savedWithoutAddress: 'Salvo. Nenhum webhook é chamado.',
  savedWithoutEvents: 'Salvo. Nada é enviado até você escolher eventos.',
  sendTest: 'Enviar um evento de teste',
  testSent: 'Um evento de teste está a caminho.',
  testNowhere: 'Não há para onde enviar. Informe um endereço e salve primeiro.',
  seeDelivery: 'Ver a entrega',
}
