// The second front door: what only screens behind the first one use, so that it is not part of the first load.
// The same rules as for index.ts hold.

export { chooseCompanions, companionsOn, useColleagues } from './companions'
export { enrol } from './enrol'
export { usePicture } from './pictures'
export { readiness, tryNow, type ReadyItem } from './readiness'
export { useReceipts } from './receipts'
