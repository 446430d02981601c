// From what a person types into a number field to a number: full-width digits, 。 and ， from a Chinese keyboard.
// It must not know limits or units.

const DIGITS_MAX = 15 // beyond this a double no longer keeps every digit typed

export function plainDigits(text: string): string {
  return text
    .replace(/[０-９]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) - 0xfee0))
    .replace(/[。．，,]/g, '.')
    .replace(/[－—–]/g, '-')
    .replace(/\s/g, '')
}

/** null: nothing typed; undefined: something typed that is no number. */
export function numberOf(text: string): number | null | undefined {
  const plain = plainDigits(text)
  if (plain === '') return null
  if (!/^-?(\d+\.?\d*|\.\d+)$/.test(plain) || plain.length > DIGITS_MAX) return undefined
  return Number(plain)
}
