// CPF: eleven digits, the last two of them check digits (domain/registrations.py).

/** With or without its punctuation. */
export function isCpf(text: string): boolean {
  const given = text.trim()
  if (!/^\d{3}\.?\d{3}\.?\d{3}-?\d{2}$/.test(given)) return false
  const digits = given.replace(/\D/g, '')
  if (new Set(digits).size === 1) return false // such are not issued
  return [9, 10].every(length => checkDigit(digits.slice(0, length)) === digits[length])
}

/** Modulus 11. */
function checkDigit(digits: string): string {
  const sum = [...digits].reduce(
    (sum, digit, place) => sum + Number(digit) * (digits.length + 1 - place),
    0,
  )
  return String(((sum * 10) % 11) % 10)
}

/** As it is typed: 529.982.247-25. */
export function punctuated(text: string): string {
  const digits = text.replace(/\D/g, '').slice(0, 11)
  return digits
    .replace(/^(\d{3})(\d)/, '$1.$2')
    .replace(/^(\d{3}\.\d{3})(\d)/, '$1.$2')
    .replace(/^(\d{3}\.\d{3}\.\d{3})(\d)/, '$1-$2')
}
