import type { Plugin } from 'vite'

export function pdfjs(): Plugin
