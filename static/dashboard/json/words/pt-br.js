export const ptBr = {
  copy: 'Copiar',
  copyWhat: 'Copiar {what}',
  entries: { one: '{count} item', other: '{count} itens' },
  more: { one: 'mais {count}, na cópia', other: 'mais {count}, na cópia' },
  cut: '… cortado aqui',
}
