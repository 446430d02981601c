// Changing over to another person is a new start: nothing of the one before stays in this page's memory or address.

export function startAgain(path = '/'): void {
  history.replaceState(null, '', `#${path}`)
  location.reload()
}
