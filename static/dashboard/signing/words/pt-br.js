export const ptBr = {
  lead: 'Uma assinatura mostra ao receptor que um webhook vem deste servidor e não foi alterado no caminho.',
  webhook: 'Webhook',

  standard: 'Segredo do Standard Webhooks',
  standardHint:
    'Com um segredo, cada webhook leva {header}, que as bibliotecas do Standard Webhooks verificam.',
  hours: 'Horas em que o segredo atual continua válido',
  hoursHint: 'Enquanto isso os dois assinam: entregue o novo ao receptor dentro desse prazo.',
  makeSecret: 'Criar um segredo novo',
  newSecret: 'Segredo novo',
  secret: 'Segredo',
  noSecret: 'Nenhum segredo definido.',
  signedWith: 'Assinado com {secret}',
  formerSigns: '{secret} também assina, até {moment}.',
  shownOnce: 'Este é o segredo novo. Ele não será exibido aqui de novo.',
  remove: 'Remover',
  removeSecretsTitle: 'Remover os segredos?',
  removeSecretsText:
    'Os webhooks não levam mais webhook-signature. Um receptor que a verifica vai recusá-los.',
  secretsRemoved: 'Removidos.',

  ownSignature: 'Chave da assinatura própria da API',
  keyExplained:
    'Com uma chave, cada webhook leva {header}: o HMAC-SHA256 do corpo, em hexadecimal. O receptor também calcula e compara.',
  key: 'Chave',
  keyHint: 'Pelo menos 32 caracteres. Fica armazenada cifrada e não é exibida de novo: guarde uma cópia.',
  keySet: 'Há uma chave: os webhooks são assinados.',
  noKey: 'Nenhuma chave: os webhooks não são assinados.',
  saveKey: 'Salvar chave',
  keySaved: 'Salva. Os webhooks são assinados com esta chave a partir de agora.',
  generate: 'Gerar',
  copy: 'Copiar',
  removeKey: 'Remover chave',
  removeKeyTitle: 'Remover a chave?',
  removeKeyText: 'Os webhooks deixam de ser assinados. Um receptor que verifica assinaturas vai recusá-los.',
  keyRemoved: 'Removida. Os webhooks não são mais assinados.',
}
