export const es = {
  logins: 'Accesos',
  key: 'Clave',
  newKey: 'Clave nueva',
  about:
    'Para quienes ayudan a los usuarios: ven usuarios, chats y entregas, y no cambian nada. No se les muestran tokens ni secretos. El registro dice quién miró.',
  name: 'Nombre de la persona',
  nameHint: 'Así llama el registro a este acceso.',
  users: 'Ids de los usuarios que ve',
  usersHint: 'Opcional, separados por comas. Todos los usuarios si está vacío.',
  make: 'Crear un acceso',
  made: 'Esta es su clave. No se volverá a mostrar aquí.',
  none: 'Aún no hay accesos.',
  seesAll: 'Ve todos los usuarios',
  sees: { one: 'Ve {count} usuario', other: 'Ve {count} usuarios' },
  removeTitle: '¿Quitar el acceso {name}?',
  removeText: 'Su clave será rechazada desde ahora.',
}
