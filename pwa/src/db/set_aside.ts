// Leaving the page for another one of this address (the other language). WebKit puts a page aside as it stands, to come back to: with a
// transaction running, every later page then waits for it, with empty lists and saves that never end. Other browsers end it with the page.
// It must not know what is stored.

const running = new Set<IDBTransaction>()

/** From the start on, before anything is read: what still runs when this page is put aside is rolled back whole, as by closing the page. */
export function endWhenSetAside(): void {
  if (typeof IDBDatabase === 'undefined') return
  const begin = IDBDatabase.prototype.transaction
  IDBDatabase.prototype.transaction = function (this: IDBDatabase, ...told: Parameters<typeof begin>) {
    const transaction = begin.apply(this, told)
    running.add(transaction)
    const over = (): unknown => running.delete(transaction)
    transaction.addEventListener('complete', over)
    transaction.addEventListener('abort', over)
    return transaction
  }
  addEventListener('pagehide', ({ persisted }) => { if (persisted) running.forEach(end) })
  // come back to, it would go on with half of what it had read
  addEventListener('pageshow', ({ persisted }) => { if (persisted) location.reload() })
}

function end(transaction: IDBTransaction): void {
  try {
    transaction.abort()
  } catch {
    // it has just ended by itself
  }
}
