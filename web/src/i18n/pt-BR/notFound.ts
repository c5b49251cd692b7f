export const notFound = {
  title: 'Página não encontrada',
  text: 'O endereço não leva a lugar nenhum.',
  home: 'Minhas consultas',
} as const
