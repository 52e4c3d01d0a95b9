export const es = {
  skip: 'Ir al contenido',
  sandboxTitle: 'Red simulada.',
  sandboxText:
    'Nada de esta página llega a WhatsApp; la página real de WhatsApp no sabe nada de esta vinculación.',
  page: 'Vincular con una llave de acceso',
  progress: 'Progreso de la vinculación',
  stepScan: 'Código escaneado',
  stepPasskey: 'Llave usada en un ordenador',
  stepPhone: 'El teléfono continuó',
  stepLinked: 'Vinculado',
  timeLeft: 'Quedan {time}',

  checkingTitle: 'Comprobando',
  checkingDetail: 'Preguntando al servidor cómo va esta vinculación.',
  requiredTitle: 'Usa tu llave de acceso en un ordenador',
  requiredDetail:
    'WhatsApp no vincula este dispositivo solo con el código. Antes quiere ver la llave de acceso (passkey) de tu cuenta de WhatsApp. Hay dos maneras de mostrarla; elige una.',
  submittingTitle: 'Enviando la respuesta',
  submittingDetail: 'La respuesta de tu llave de acceso va camino de WhatsApp.',
  awaitingPhoneTitle: 'Mira tu teléfono',
  awaitingPhoneDetail:
    'WhatsApp ha recibido la respuesta, pero el dispositivo aún no está vinculado. Continúa con lo que WhatsApp muestra en el teléfono y no lo cierres.',
  confirmTitle: 'Compara el código',
  confirmDetail: 'El teléfono muestra un código de ocho caracteres. Comprueba si es este.',
  confirmKnownDetail:
    'El teléfono conoce este dispositivo por el código que escaneó y puede no mostrar ninguno. Si muestra uno, tiene que ser este.',
  finishingTitle: 'Casi vinculado',
  finishingDetail: 'El teléfono hace el último paso. Deja WhatsApp abierto en él.',
  waitingTitle: 'Un momento',
  waitingDetail: 'El servidor se está conectando a WhatsApp.',
  linkedTitle: 'Vinculado',
  linkedDetail: 'El dispositivo está vinculado a tu cuenta de WhatsApp. Puedes cerrar esta página.',
  overTitle: 'Esta vinculación ha terminado',
  overDetail:
    'Vuelve a donde se mostraba el código QR, pide un código nuevo y escanéalo. Si WhatsApp vuelve a pedir la llave, abre la página nueva.',
  overBrowser:
    'Nadie usó la llave de acceso a tiempo. Pide un código QR nuevo, escanéalo y abre la página nueva.',
  overPhone:
    'El teléfono no continuó. O bien se cerró WhatsApp en él, o la llave es de otra cuenta. Pide un código QR nuevo, escanéalo, deja WhatsApp abierto en el teléfono y elige la llave de esta cuenta.',
  overCode: 'El código no se confirmó a tiempo, aquí o en el teléfono. Pide un código QR nuevo y escanéalo.',
  overConnection:
    'Se perdió la conexión con WhatsApp. Pide un código QR nuevo, escanéalo y abre la página nueva.',
  overStopped:
    'Has detenido esta vinculación. Para intentarlo otra vez, pide un código QR nuevo y escanéalo.',
  incompleteTitle: 'La dirección no está completa',
  incompleteDetail:
    'Falta la parte que va detrás de #. Abre esta página con el enlace que recibiste o copia la dirección entera.',

  compareTitle: '¿Es este el código del teléfono?',
  same: 'Es el mismo',
  different: 'No lo es',
  compareHint: 'Si no lo es, puede haber alguien entre tú y WhatsApp: en ese caso la vinculación se detiene.',

  handheldTitle: 'Esto parece un teléfono',
  handheldText: 'Solo con el teléfono no basta: abre la dirección de esta página en un ordenador.',
  handheldAddress: 'Dirección de esta página',
  copyAddress: 'Copiar la dirección',
  addressCopied: 'Dirección copiada.',

  beforeTitle: 'Antes de empezar',
  beforePhone: 'Deja WhatsApp abierto en el teléfono, en la pantalla que apareció tras escanear.',
  beforeComputer: 'Usa un ordenador con navegador. Solo con el teléfono no basta.',
  beforePasskey:
    'Elige la llave de acceso de esta cuenta de WhatsApp. Otra se acepta, pero no pasa nada más.',

  scriptTitle: 'Manera 1: copiar y pegar, sin instalar nada',
  scriptOpen: 'Abre en una pestaña nueva, sin escanear nada allí:',
  scriptConsole: 'Pulsa allí F12 y elige «Consola». En un Mac es ⌥⌘J en Chrome y ⌥⌘K en Firefox.',
  scriptPaste:
    'Copia el script de abajo, pégalo allí y pulsa Intro. Si Chrome lo pide, escribe antes «allow pasting».',
  scriptUse:
    'Usa tu llave de acceso. Si está en el teléfono, elige «teléfono o tableta», escanea el código del navegador con el Bluetooth encendido y vuelve a WhatsApp.',
  scriptBack: 'La respuesta se copia sola. Pégala aquí y envíala.',
  scriptLabel: 'Script para la consola',
  scriptCopy: 'Copiar script',
  scriptCopied: 'Script copiado.',
  scriptRenewed: 'WhatsApp ha preguntado de nuevo. Vuelve a copiar el script: el anterior ya no sirve.',
  copyFailed: 'Este navegador no deja copiar a la página. El texto está seleccionado: pulsa Ctrl+C o ⌘C.',
  answerLabel: 'Respuesta de la consola',
  answerSend: 'Enviar respuesta',

  extensionTitle: 'Manera 2: la extensión del navegador, un clic',
  extensionText:
    'Para Chrome, Edge y otros de su tipo. La extensión hace por sí sola lo que hace el script, y solo en la página de WhatsApp.',
  extensionGet: 'Instálala una vez.',
  extensionDownload: 'Descargar la extensión',
  extensionAsk: 'Quien lleva este servidor tiene el archivo.',
  extensionLoad:
    'Descomprime el archivo, abre chrome://extensions, activa «Modo de desarrollador», pulsa «Cargar descomprimida» y elige la carpeta.',
  extensionOpen: 'Pulsa el botón de abajo y, en la página de WhatsApp, «Usar llave de acceso».',
  extensionGo: 'Abrir WhatsApp Web',
  extensionPlain:
    'Aquí no se puede usar la extensión: a este servidor se llega sin https, y los navegadores no dejan que la página de WhatsApp le envíe nada. Usa la manera 1.',

  whyTitle: 'Por qué es así',
  whyComputer:
    'Los navegadores solo muestran una llave de acceso de WhatsApp a la propia página de WhatsApp, así que esta página no puede pedirla. Tiene que estar abierta en un navegador que ejecute un script o una extensión; los de los teléfonos no hacen ni lo uno ni lo otro.',
  whyAccount:
    'La llave es la que se creó en WhatsApp para esta cuenta: está en el Gestor de contraseñas de Google, en el Llavero de iCloud o en tu gestor de contraseñas. Una llave creada en otro sitio no demuestra nada sobre la cuenta.',
  whyMissing:
    '¿Aún no hay ninguna? Créala en WhatsApp en el teléfono: Ajustes, Cuenta, Llaves de acceso. Después escanea un código nuevo.',

  stop: 'Detener esta vinculación',
  stopTitle: '¿Detener esta vinculación?',
  stopText: 'Después el teléfono tendrá que escanear un código nuevo.',
  stopYes: 'Detener',
  stopNo: 'Continuar',

  unreachable: 'El servidor no responde. Esta página lo sigue intentando.',
  failedNoAnswer: 'Esto no es la respuesta. Pega lo que dio el script: empieza por { y termina en }.',
  failedScript: 'Esto es el script. Ejecútalo en la consola de web.whatsapp.com y pega lo que dé.',
  failedPart: 'Falta una parte de la respuesta. Cópiala otra vez, desde la primera { hasta la última }.',
  failedNew:
    'Se creó una llave nueva en vez de usar una. Ejecuta otra vez el script y usa la llave que ya tienes.',
  failedOld: 'Esta respuesta es de una pregunta anterior. Vuelve a copiar el script y ejecútalo de nuevo.',
  failedPlace: 'La llave se usó en otra página. Ejecuta el script en https://web.whatsapp.com.',
  failedForeign:
    'Esta no es una llave de acceso de WhatsApp. Ejecuta otra vez el script y elige la de WhatsApp.',
  failedUnverified: 'La llave no comprobó quién eres. Usa una que se desbloquee con huella, cara o PIN.',
  failedTurn: 'Ahora no se espera ninguna respuesta: ya ha llegado una. Mira el estado arriba.',
  failedRefused:
    'WhatsApp rechazó este paso, y con eso la vinculación ha terminado. Pide un código QR nuevo y escanéalo.',
  failedMany: 'Demasiadas peticiones. Espera un minuto y vuelve a intentarlo.',
  failedOther: 'El servidor dijo: «{text}». Vuelve a intentarlo; si sigue igual, pide un código QR nuevo.',

  consoleWrongPage: 'Ejecuta esto en la consola de https://web.whatsapp.com, no aquí.',
  consoleNone:
    'No se usó ninguna llave de acceso: se canceló, tardó demasiado o no está en este ordenador. Ejecuta otra vez el script; si la llave está en el teléfono, elige «teléfono o tableta».',
  consoleDone: 'Listo. Esta es la respuesta; pégala en la página de la vinculación:',
  consoleCopied: 'Ya está copiada.',
}
