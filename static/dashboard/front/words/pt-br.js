export const ptBr = {
  title: 'Entrar',
  lead: 'O token de administração abre todos os usuários deste servidor. O token de um usuário abre a conta desse usuário, e um acesso de suporte as conversas que ele atende.',
  token: 'Token',
  hint: 'O servidor mostra o token de administração ao iniciar. Os tokens ficam nesta aba e são esquecidos quando ela é fechada.',
  signIn: 'Entrar',
  refused: 'O servidor não aceita mais este token. Cole um atual.',

  welcome: 'Conecte o primeiro celular',
  stepsTitle: 'Primeiros passos',
  stepsLead: 'Ainda não há celular conectado a este servidor. O primeiro leva um minuto.',
  stepSignIn: 'Entre com o token de administração: o servidor o mostrou ao iniciar.',
  stepName:
    'Dê um nome ao primeiro usuário. Um usuário é uma conta do WhatsApp conectada, com um token próprio.',
  stepScan: 'Leia o código com o celular: WhatsApp, Configurações, Dispositivos conectados.',
  stepScanForMe:
    'Pressione “Ler por mim” quando o código aparecer: a rede simulada não tem celulares, e o botão faz o papel de um.',
  stepSend: 'Envie uma primeira mensagem e leia o que volta.',
  stepWebhook: 'Dê o token ao seu programa, e ao servidor o endereço do seu webhook.',
  name: 'Nome',
  nameHint: 'Como você o chama: uma loja, uma equipe, um número.',
  start: 'Criar e conectar um celular',
  moveHere: 'Trazer usuários de outro servidor',
  withoutPhone: 'Ir para a lista de usuários',
}
