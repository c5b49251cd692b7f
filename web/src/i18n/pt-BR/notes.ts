export const notes = {
  title: 'Anotações da consulta',
  lead: {
    doctor:
      'O que você salvar entra no prontuário, e o paciente pode ler. Corrigir cria outra versão.',
    patient: 'O que o médico registrou no seu prontuário sobre esta consulta.',
  },
  text: 'Anotação',
  none: 'O médico ainda não registrou nada.',
  draft: 'Rascunho: só está nesta página até você salvar.',
  notYet: 'Você já pode escrever. Dá para salvar quando a consulta começar.',
  saved: 'Salvo no prontuário: versão {{version}}, {{at}}.',
  save: 'Salvar no prontuário',
  amend: 'Salvar nova versão',
  discard: 'Descartar o rascunho',
  version: 'Versão {{version}}, {{at}}',
  versions_one: '{{count}} versão salva',
  versions_other: '{{count}} versões salvas',
  before_one: '{{count}} versão anterior',
  before_other: '{{count}} versões anteriores',
  conflict:
    'Outra janela salvou a versão {{version}} enquanto você escrevia. Compare abaixo: seu rascunho não foi perdido.',
  keepMine: 'Usar o meu como próxima versão',
  refused: {
    WRONG_STATUS: 'Só se registra uma consulta que aconteceu.',
    TOO_LATE: 'O prazo para registrar esta consulta terminou.',
    LIMIT_REACHED: 'Esta anotação já tem o máximo de versões.',
  },
} as const
