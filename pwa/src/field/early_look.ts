// The chosen look, put on the page before its first paint; look.ts has the reasons, and uses the same function.
// It must not know how a look is chosen.

declare global {
  interface Window {
    /** missing when the script before the app's own did not come */
    showLook?: (look: string) => void
  }
}

const GROUNDS: Record<string, string> = { light: '#f5f3ee', dark: '#10171d', sun: '#ffffff' }

/** `size.theme.elder`, of the cookie or of look.ts. */
export function showLook(look: string): void {
  const [size, theme = '', elder] = look.split('.')
  const root = document.documentElement
  root.dataset['size'] = size
  root.dataset['theme'] = theme
  root.toggleAttribute('data-elder', elder === 'elder')
  document.querySelectorAll<HTMLMetaElement>('meta[name=theme-color]').forEach((meta) => {
    meta.dataset['own'] ||= meta.content
    meta.content = GROUNDS[theme] ?? meta.dataset['own']
  })
}

export function showKeptLook(): void {
  window.showLook = showLook
  const kept = /(?:^|; )gi-look=([a-z.]+)/.exec(document.cookie)?.[1]
  if (kept) showLook(kept)
}
