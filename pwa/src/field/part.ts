// Asks for later files of the app, which are plain scripts, and for the styles of all of them, which are one file
// (build/plain-scripts.ts says why). In a development server files are modules and nothing calls it. It must not know what the files do.

declare global {
  /** what each file gives to the others, by the file's name */
  var parts: Record<string, unknown> | undefined
  /** the last of these files, when all of them have run in this order and have their styles */
  var part: (...files: string[]) => Promise<unknown>
}

const FOLDER = `${import.meta.env.BASE_URL}assets/`
const STYLES = 'LATER_STYLES' // the build puts the file's name here
const asked = new Map<string, Promise<void>>()

globalThis.part = async (...files) => {
  await Promise.all([STYLES, ...files].map(once))
  return globalThis.parts?.[files[files.length - 1] ?? '']
}

function once(file: string): Promise<void> {
  let asking = asked.get(file)
  if (!asking) {
    asking = come(file)
    asked.set(file, asking)
    // without a network it was not there; the next tap asks again
    asking.catch(() => asked.delete(file))
  }
  return asking
}

function come(file: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const element = file === STYLES ? styles(file) : script(file)
    element.onload = () => {
      if (file === STYLES || globalThis.parts?.[file]) resolve()
      else missing()
    }
    const missing = (): void => {
      element.remove()
      reject(new TypeError(`${file} did not come`))
    }
    element.onerror = missing
    document.head.append(element)
  })
}

function script(file: string): HTMLScriptElement {
  const element = document.createElement('script')
  element.async = false // they run in the order they were asked for, however they arrive
  element.src = FOLDER + file
  return element
}

function styles(file: string): HTMLLinkElement {
  const element = document.createElement('link')
  element.rel = 'stylesheet'
  element.href = FOLDER + file
  return element
}
