export const frame = {
  newVersion: 'Há uma versão nova desta página.',
  load: 'Carregar',
  broken: 'Esta parte não pôde ser carregada.',
  again: 'Carregar de novo',
}
