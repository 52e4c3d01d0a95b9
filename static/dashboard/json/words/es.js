export const es = {
  copy: 'Copiar',
  copyWhat: 'Copiar {what}',
  entries: { one: '{count} entrada', other: '{count} entradas' },
  more: { one: '{count} más, en la copia', other: '{count} más, en la copia' },
  cut: '… cortado aquí',
}
