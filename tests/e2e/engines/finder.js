// Finds what a person would: by the name of a control, the label of a field, or the words on the screen. arguments: kind, name, within,
// exact. Returns the element that a person can see, or null.
const [kind, name, within, exact] = arguments
const plain = (text) => (text ?? '').replace(/\s+/g, ' ').trim()
const fits = (text) => (exact ? plain(text) === name : plain(text).includes(name))
const seen = (element) =>
  element.getClientRects().length > 0 && getComputedStyle(element).visibility !== 'hidden' && !element.closest('[inert], [aria-hidden="true"]')
const named = (element) => {
  const by = element.getAttribute('aria-labelledby')
  if (element.getAttribute('aria-label')) return element.getAttribute('aria-label')
  if (by) return by.split(' ').map((id) => document.getElementById(id)?.textContent ?? '').join(' ')
  return [...(element.labels ?? [])].map((label) => label.textContent).join(' ') || element.textContent
}
const SELECTORS = {
  control: 'button, a[href], summary, [role=button], [role=tab], [role=radio], option',
  field: 'input, textarea, select, [role=textbox]',
  heading: 'h1, h2, h3, [role=heading]',
  dialog: 'dialog, [role=dialog]',
}
const roots = within ? [...document.querySelectorAll(within)] : [document] // never without it, also while a page is still coming
const candidates = roots.flatMap((root) => [...root.querySelectorAll(SELECTORS[kind] ?? '*')])
if (kind !== 'text') return candidates.find((element) => seen(element) && fits(named(element))) ?? null
const holding = candidates.filter((element) => fits(element.textContent) && seen(element))
return holding.find((element) => !holding.some((other) => other !== element && element.contains(other))) ?? null
