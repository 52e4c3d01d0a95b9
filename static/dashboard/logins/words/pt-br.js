export const ptBr = {
  logins: 'Acessos',
  key: 'Chave',
  newKey: 'Nova chave',
  about:
    'Para quem ajuda os usuários: vê usuários, conversas e entregas, e não muda nada. Tokens e segredos não são mostrados. O registro diz quem olhou.',
  name: 'Nome da pessoa',
  nameHint: 'É assim que o registro chama este acesso.',
  users: 'Ids dos usuários que ele vê',
  usersHint: 'Opcional, separados por vírgulas. Todos os usuários se ficar vazio.',
  make: 'Criar um acesso',
  made: 'Esta é a chave dele. Ela não será mostrada aqui de novo.',
  none: 'Ainda não há acessos.',
  seesAll: 'Vê todos os usuários',
  sees: { one: 'Vê {count} usuário', other: 'Vê {count} usuários' },
  removeTitle: 'Remover o acesso {name}?',
  removeText: 'A chave dele é recusada a partir de agora.',
}
