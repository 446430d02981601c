// The data floor's front door: everything the screens may use. Screens import from '@/data' and nothing deeper
// (later.ts is the door for what the first screen does not need, answer.ts for what a card on it needs when tapped).
// It must not know the transport: the sender reports to sender_view.ts and is woken through ports.ts.

export type * from './types'
export type { Loaded } from './loaded'
export type { DraftHandle } from './drafts'
export type { Finished } from './finish'

export { endWhenSetAside, readAhead, readAheadOver } from './start'
export { pinWanted, useIdentity } from './identity'
export { isInstalled, usePlatform } from './platform'
export { useDrafts, useToday } from './today'
export { lastInspection, searchSites, useAreas, useHazard, useInspection, useSite } from './sites'
export { listChecklists, loadChecklist } from './checklists'
export { correct, openDraft, openStep, recheck } from './begin'
export { giveFeedback } from './one_tap'
export { discardDraft, newHazardDraft, restoreDraft, useDraft, useStep } from './drafts'
export { captureIntent, clearCaptureIntent, openCaptureIntent } from './capture_intent'
export { addPhoto, removePhoto } from './photos'
export { usePosition } from './position'
export { finishDraft } from './finish'
export { markRead, useReturned } from './returned'
export { tryParkedAgain, useOutbox } from './outbox'
export { useSender } from './sender_view'
export { useStorage } from './storage'
export { useUpdate } from './update'
export { getSetting, setSetting } from './preferences'
export { stationSettings } from './station_settings'
