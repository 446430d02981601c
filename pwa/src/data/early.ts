// The way of field/early.ts to the databases; a door of its own, because the front door brings everything with it.

export { openAhead } from '../db/early'
