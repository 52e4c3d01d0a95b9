export const es = {
  title: 'Iniciar sesión',
  lead: 'El token de administración abre todos los usuarios de este servidor. El token de un usuario abre la cuenta de ese usuario, y un acceso de soporte las conversaciones que atiende.',
  token: 'Token',
  hint: 'El servidor muestra el token de administración al iniciarse. Los tokens se quedan en esta pestaña y se olvidan al cerrarla.',
  signIn: 'Entrar',
  refused: 'El servidor ya no acepta este token. Pega uno vigente.',

  welcome: 'Vincula el primer teléfono',
  stepsTitle: 'Primeros pasos',
  stepsLead: 'Todavía no hay ningún teléfono vinculado a este servidor. El primero tarda un minuto.',
  stepSignIn: 'Entra con el token de administración: el servidor lo mostró al iniciarse.',
  stepName:
    'Ponle un nombre al primer usuario. Un usuario es una cuenta de WhatsApp vinculada, con un token propio.',
  stepScan: 'Escanea el código con el teléfono: WhatsApp, Ajustes, Dispositivos vinculados.',
  stepScanForMe:
    'Pulsa «Escanear por mí» cuando aparezca el código: la red simulada no tiene teléfonos y el botón hace de uno.',
  stepSend: 'Envía un primer mensaje y lee lo que vuelve.',
  stepWebhook: 'Dale el token a tu programa, y al servidor la dirección de tu webhook.',
  name: 'Nombre',
  nameHint: 'Como tú lo llames: una tienda, un equipo, un número.',
  start: 'Crear y vincular un teléfono',
  moveHere: 'Traer usuarios de otro servidor',
  withoutPhone: 'Ir a la lista de usuarios',
}
