export const check = {
  title: 'Teste de câmera, microfone e conexão',
  begin: 'Testar agora',
  again: 'Testar de novo',
  busy: 'Fale alguma coisa…',
  heard: 'Você ouviu um som?',
  yes: 'Sim, ouvi',
  no: 'Não ouvi',
  yours: 'Seu aparelho',
  theirs: 'Aparelho de {{name}}',
  camera: { OK: 'Câmera funciona', FAILED: 'Sem câmera', NOT_TESTED: 'Câmera não testada' },
  microphone: {
    OK: 'Microfone funciona',
    FAILED: 'O microfone não ouviu nada',
    NOT_TESTED: 'Microfone não testado',
  },
  speaker: { OK: 'Som funciona', FAILED: 'Sem som', NOT_TESTED: 'Som não testado' },
  network: {
    GOOD: 'Conexão boa',
    FAIR: 'Conexão razoável',
    POOR: 'Conexão ruim',
    NOT_TESTED: 'Conexão não testada',
  },
} as const
