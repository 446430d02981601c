// One question to a worker of its own, one answer, and the worker goes: nothing is kept between two photos.
// It must not know what is asked.

/** Rejects when the worker breaks or takes longer than `ms_max`. */
export function askOnce<Answer>(worker: Worker, question: unknown, ms_max: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => finish(() => reject(new Error('worker slow'))), ms_max)
    const finish = (say: () => void): void => {
      clearTimeout(timer)
      worker.terminate()
      say()
    }
    worker.onerror = () => finish(() => reject(new Error('worker failed')))
    worker.onmessage = (event: MessageEvent<Answer>) => finish(() => resolve(event.data))
    worker.postMessage(question)
  })
}
