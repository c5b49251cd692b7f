export const pdf = {
  document: 'Páginas de {{name}}',
  page: 'Página {{number}} de {{of}}',
  previous: 'Página anterior',
  next: 'Página seguinte',
  smaller: 'Diminuir',
  larger: 'Aumentar',
  broken: 'Este PDF está danificado e não pode ser mostrado aqui. Você pode salvá-lo no aparelho.',
  locked: 'Este PDF tem senha e não pode ser mostrado aqui. Salve no aparelho e abra com a senha.',
} as const
