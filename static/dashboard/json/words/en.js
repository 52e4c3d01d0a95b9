export const en = {
  copy: 'Copy',
  copyWhat: 'Copy {what}',
  entries: { one: '{count} entry', other: '{count} entries' },
  more: { one: '{count} more, in the copy', other: '{count} more, in the copy' },
  cut: '… cut off here',
}
