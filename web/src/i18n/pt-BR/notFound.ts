export const notFound = {
  title: 'Página não encontrada',
  text: 'O endereço não leva a lugar nenhum.',
  notYours: 'Não é para você',
  notYoursText: 'Estas páginas são dos administradores da clínica.',
  home: 'Ao início',
} as const
