export const day = {
  title: 'Meu dia',
  none: 'Nenhuma consulta hoje.',
  here: 'Na sala de espera',
  noShow: 'Não compareceu',
  undo: 'Desfazer a falta',
  early: 'A falta pode ser marcada a partir das {{time}}.',
  notMarked: 'Não dá para marcar a falta: o paciente entrou, ou a consulta mudou.',
  notUndone: 'Não dá mais para desfazer esta falta.',
} as const
