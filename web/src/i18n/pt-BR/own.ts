export const own = {
  move: 'Mudar horário',
  cancel: 'Cancelar consulta',
  rate: 'Avaliar',
  back: 'Voltar',
  cancelling: {
    title: 'Cancelar a consulta com {{name}}',
    justification: 'Justificativa',
    hint: 'O médico vai ler. De 10 a 500 caracteres.',
    submit: 'Cancelar consulta',
  },
  rating: {
    title: 'Como foi a consulta com {{name}}?',
    stars: 'Nota, de 1 a 5',
    comment: 'Comentário (opcional)',
    hint: 'Todos podem ler; seu nome não aparece.',
    submit: 'Enviar avaliação',
    missing: 'Escolha uma nota.',
    refused: 'Esta consulta não pode mais ser avaliada.',
    given: 'Sua nota: {{stars}} de 5',
  },
  moving: {
    title: 'Mudar horário',
    lead: 'Consulta com {{name}}: {{when}}. Escolha outro horário; o médico precisa aceitá-lo.',
    chosen: 'Novo horário: {{when}}.',
    submit: 'Mudar para este horário',
    none: 'O médico não tem outros horários nas próximas quatro semanas.',
  },
} as const
