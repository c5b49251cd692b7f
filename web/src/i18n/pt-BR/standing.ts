export const standing = {
  why: 'Em {{day}}: “{{reason}}”',
  PENDING: {
    title: 'Seu registro está sendo conferido.',
    lead: 'O conselho ainda não respondeu. Até lá os pacientes não encontram você e não há horários a publicar; complete o perfil enquanto isso. Avisamos por e-mail.',
  },
  SUSPENDED: {
    title: 'Seu registro está suspenso.',
    lead: 'Pacientes não encontram você, e não é possível aceitar nem atender. Se for um engano, responda ao e-mail que recebeu, com o que comprove o registro.',
  },
} as const
