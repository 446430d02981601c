// Where this build of the field app lies: each language is an app of its own, with its own worker and its own kept files,
// over the same databases. It must not know the other language's words.

// the rules are also run as they are, by nothing but Node, to compare them with the station's
const BASE = import.meta.env?.BASE_URL ?? '/'

/** `/field/`, or `/en/field/` */
export const FIELD_ADDRESS = `${BASE}field/`
/** neither is the beginning of the other: each worker clears away only its own app's older files */
export const CACHE_PREFIX = BASE === '/' ? 'field-app-' : 'en-field-app-'
/** what answers of the server are asked for in */
export const LANGUAGE = BASE === '/' ? 'zh-CN' : 'en'
