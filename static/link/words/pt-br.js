export const ptBr = {
  skip: 'Ir para o conteúdo',
  sandboxTitle: 'Rede simulada.',
  sandboxText: 'Nada nesta página chega ao WhatsApp; a página real do WhatsApp não sabe nada desta conexão.',
  page: 'Conectar com uma chave de acesso',
  progress: 'Andamento da conexão',
  stepScan: 'Código lido',
  stepPasskey: 'Chave usada em um computador',
  stepPhone: 'O celular continuou',
  stepLinked: 'Conectado',
  timeLeft: 'Restam {time}',

  checkingTitle: 'Verificando',
  checkingDetail: 'Perguntando ao servidor como está esta conexão.',
  requiredTitle: 'Use sua chave de acesso em um computador',
  requiredDetail:
    'O WhatsApp não conecta este dispositivo só com o código. Antes, ele quer ver a chave de acesso (passkey) da sua conta do WhatsApp. Há duas maneiras de mostrá-la; escolha uma.',
  submittingTitle: 'Enviando a resposta',
  submittingDetail: 'A resposta da sua chave de acesso está a caminho do WhatsApp.',
  awaitingPhoneTitle: 'Olhe para o celular',
  awaitingPhoneDetail:
    'O WhatsApp recebeu a resposta, mas o dispositivo ainda não está conectado. Continue com o que o WhatsApp mostra no celular e não o feche.',
  confirmTitle: 'Compare o código',
  confirmDetail: 'O celular mostra um código de oito caracteres. Veja se é este.',
  confirmKnownDetail:
    'O celular conhece este dispositivo pelo código que leu e pode não mostrar nenhum. Se mostrar um, tem que ser este.',
  finishingTitle: 'Quase conectado',
  finishingDetail: 'O celular está fazendo o último passo. Deixe o WhatsApp aberto nele.',
  waitingTitle: 'Um momento',
  waitingDetail: 'O servidor está se conectando ao WhatsApp.',
  linkedTitle: 'Conectado',
  linkedDetail: 'O dispositivo está conectado à sua conta do WhatsApp. Você pode fechar esta página.',
  overTitle: 'Esta conexão terminou',
  overDetail:
    'Volte para onde o código QR era mostrado, peça um novo código e leia-o. Se o WhatsApp pedir a chave de novo, abra a nova página.',
  overBrowser: 'Ninguém usou a chave de acesso a tempo. Peça um novo código QR, leia-o e abra a nova página.',
  overPhone:
    'O celular não continuou. Ou o WhatsApp foi fechado nele, ou a chave é de outra conta. Peça um novo código QR, leia-o, deixe o WhatsApp aberto no celular e escolha a chave desta conta.',
  overCode: 'O código não foi confirmado a tempo, aqui ou no celular. Peça um novo código QR e leia-o.',
  overConnection: 'A conexão com o WhatsApp caiu. Peça um novo código QR, leia-o e abra a nova página.',
  overStopped: 'Você parou esta conexão. Para tentar de novo, peça um novo código QR e leia-o.',
  incompleteTitle: 'O endereço não está completo',
  incompleteDetail:
    'Falta a parte depois de #. Abra esta página pelo link que você recebeu ou copie o endereço inteiro.',

  compareTitle: 'Este é o código do celular?',
  same: 'É o mesmo',
  different: 'Não é',
  compareHint: 'Se não for, pode haver alguém entre você e o WhatsApp: nesse caso, a conexão é interrompida.',

  handheldTitle: 'Isto parece um celular',
  handheldText: 'Só o celular não basta: abra o endereço desta página em um computador.',
  handheldAddress: 'Endereço desta página',
  copyAddress: 'Copiar o endereço',
  addressCopied: 'Endereço copiado.',

  beforeTitle: 'Antes de começar',
  beforePhone: 'Deixe o WhatsApp aberto no celular, na tela que apareceu depois da leitura do código.',
  beforeComputer: 'Use um computador com navegador. Só o celular não basta.',
  beforePasskey: 'Escolha a chave de acesso desta conta do WhatsApp. Outra é aceita, mas nada mais acontece.',

  scriptTitle: 'Maneira 1: copiar e colar, sem instalar nada',
  scriptOpen: 'Abra em uma nova aba, sem ler nenhum código lá:',
  scriptConsole: 'Pressione F12 lá e escolha “Console”. No Mac é ⌥⌘J no Chrome e ⌥⌘K no Firefox.',
  scriptPaste:
    'Copie o script abaixo, cole-o lá e pressione Enter. Se o Chrome pedir, digite antes “allow pasting”.',
  scriptUse:
    'Use sua chave de acesso. Se ela estiver no celular, escolha “celular ou tablet”, leia o código do navegador com o Bluetooth ligado e volte ao WhatsApp.',
  scriptBack: 'A resposta é copiada sozinha. Cole-a aqui e envie.',
  scriptLabel: 'Script para o console',
  scriptCopy: 'Copiar script',
  scriptCopied: 'Script copiado.',
  scriptRenewed: 'O WhatsApp perguntou de novo. Copie o script outra vez: o anterior não serve mais.',
  copyFailed: 'Este navegador não deixa a página copiar. O texto está selecionado: pressione Ctrl+C ou ⌘C.',
  answerLabel: 'Resposta do console',
  answerSend: 'Enviar resposta',

  extensionTitle: 'Maneira 2: a extensão do navegador, um clique',
  extensionText:
    'Para Chrome, Edge e outros do mesmo tipo. A extensão faz sozinha o que o script faz, e só na página do WhatsApp.',
  extensionGet: 'Instale-a uma vez.',
  extensionDownload: 'Baixar a extensão',
  extensionAsk: 'Quem cuida deste servidor tem o arquivo.',
  extensionLoad:
    'Descompacte o arquivo, abra chrome://extensions, ative o “Modo do desenvolvedor”, clique em “Carregar sem compactação” e escolha a pasta.',
  extensionOpen: 'Clique no botão abaixo e, na página do WhatsApp, em “Usar chave de acesso”.',
  extensionGo: 'Abrir o WhatsApp Web',
  extensionPlain:
    'Aqui não dá para usar a extensão: este servidor é acessado sem https, e os navegadores não deixam a página do WhatsApp enviar nada para ele. Use a maneira 1.',

  whyTitle: 'Por que é assim',
  whyComputer:
    'Os navegadores só mostram uma chave de acesso do WhatsApp à própria página do WhatsApp, então esta página não pode pedi-la. Ela tem que estar aberta em um navegador que execute um script ou uma extensão; os dos celulares não fazem nem um nem outro.',
  whyAccount:
    'A chave é a que foi criada no WhatsApp para esta conta: está no Gerenciador de senhas do Google, nas Chaves do iCloud ou no seu gerenciador de senhas. Uma chave criada em outro lugar não prova nada sobre a conta.',
  whyMissing:
    'Ainda não há nenhuma? Crie-a no WhatsApp do celular: Configurações, Conta, Chaves de acesso. Depois leia um novo código.',

  stop: 'Parar esta conexão',
  stopTitle: 'Parar esta conexão?',
  stopText: 'Depois o celular terá que ler um novo código.',
  stopYes: 'Parar',
  stopNo: 'Continuar',

  unreachable: 'O servidor não responde. Esta página continua tentando.',
  failedNoAnswer: 'Isto não é a resposta. Cole o que o script deu: começa com { e termina com }.',
  failedScript: 'Isto é o script. Execute-o no console de web.whatsapp.com e cole o que ele der.',
  failedPart: 'Falta uma parte da resposta. Copie-a de novo, da primeira { até a última }.',
  failedNew:
    'Uma nova chave foi criada em vez de usar uma. Execute o script de novo e use a chave que você tem.',
  failedOld: 'Esta resposta é de uma pergunta anterior. Copie o script de novo e execute-o outra vez.',
  failedPlace: 'A chave foi usada em outra página. Execute o script em https://web.whatsapp.com.',
  failedForeign:
    'Esta não é uma chave de acesso do WhatsApp. Execute o script de novo e escolha a do WhatsApp.',
  failedUnverified:
    'A chave não verificou quem você é. Use uma que seja desbloqueada por digital, rosto ou PIN.',
  failedTurn: 'Nenhuma resposta é esperada agora: uma já chegou. Veja o estado acima.',
  failedRefused:
    'O WhatsApp recusou este passo, e com isso a conexão terminou. Peça um novo código QR e leia-o.',
  failedMany: 'Pedidos demais. Espere um minuto e tente de novo.',
  failedOther: 'O servidor disse: “{text}”. Tente de novo; se continuar assim, peça um novo código QR.',

  consoleWrongPage: 'Execute isto no console de https://web.whatsapp.com, não aqui.',
  consoleNone:
    'Nenhuma chave de acesso foi usada: foi cancelada, demorou demais ou não está neste computador. Execute o script de novo; se a chave estiver no celular, escolha “celular ou tablet”.',
  consoleDone: 'Pronto. Esta é a resposta; cole-a na página da conexão:',
  consoleCopied: 'Ela já está copiada.',
}
