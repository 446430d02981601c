// The data floor's front door: everything the screens may use. Screens import from '@/data' and nothing deeper.
// It must not know the transport: the sender reports here (sender.ts) and is woken through ports.ts.

import type { Ref, ShallowRef } from 'vue'
import type { HazardRow, InspectionRow } from '../contract/wire'
import type {
  CaptureIntent, ChecklistSummary, ChecklistText, Draft, DraftSummary, HazardDraft, HazardView, Identity, InspectionDraft, InspectionView,
  JsonObject, NewSite, OutboxFigures, OutboxItem, Outcome, PhotoSlot, PhotoView, PlatformTrouble, PositionView, Readiness, ReceiptView,
  ReturnedItem, SaveState, SenderView, SiteHit, SiteView, StepDraft, StepKind, StorageFigures, Today,
} from './types'

export type * from './types'

export type Loaded<T> = { value: Readonly<ShallowRef<T | null>>; ready: Readonly<Ref<boolean>>; trouble: Readonly<Ref<string | null>>; reload: () => Promise<void> }

export declare function useIdentity(): Loaded<Identity>
export declare function enrol(code: string): Promise<Outcome<Identity>>
export declare function usePlatform(): { troubles: Readonly<ShallowRef<PlatformTrouble[]>>; blocked: Readonly<Ref<PlatformTrouble | null>>; check: () => Promise<Readiness> }

export declare function useToday(): Loaded<Today>
export declare function searchSites(text: string, limit?: number): Promise<SiteHit[]>
export declare function useSite(id: string): Loaded<SiteView>
export declare function useHazard(id: string): Loaded<HazardView>
export declare function useInspection(id: string): Loaded<InspectionView & { hazards: HazardView[]; photos: PhotoView[] }>
export declare function createSite(fields: NewSite): Promise<Outcome<string>>
export declare function useAreas(): Loaded<{ id: string; name: string; path: string; mine: boolean }[]>
export declare function listChecklists(placeTypes?: readonly string[]): Promise<ChecklistSummary[]>
export declare function loadChecklist(id: string, version?: number): Promise<ChecklistText | null>
export declare function lastInspection(site: string, checklist: string): Promise<InspectionRow | null>

export declare function openDraft(site: string, checklist: string, version?: number): Promise<Outcome<string>>
export declare function openStep(kind: StepKind, subject: string | null, fields?: JsonObject, site?: string): Promise<Outcome<string>>
export declare function newHazardDraft(start: Partial<HazardDraft>): HazardDraft
export interface DraftHandle<D extends Draft> {
  draft: Readonly<ShallowRef<D | null>>
  ready: Readonly<Ref<boolean>>
  saved: Readonly<Ref<SaveState>>
  words: Readonly<Ref<string>>
  photos: Readonly<ShallowRef<PhotoView[]>>
  change: (edit: (draft: D) => void) => Promise<boolean>
  settle: () => Promise<boolean>
}
export declare function useDraft(id: string): DraftHandle<InspectionDraft>
export declare function useStep(id: string): DraftHandle<StepDraft>
export declare function useDrafts(): Loaded<DraftSummary[]>
export declare function discardDraft(id: string): Promise<Outcome<null>>
export declare function restoreDraft(id: string): Promise<Outcome<null>>

export declare function captureIntent(slot: PhotoSlot, route: string): Promise<Outcome<null>>
export declare function openCaptureIntent(): Promise<CaptureIntent | null>
export declare function clearCaptureIntent(): Promise<void>
export declare function addPhoto(slot: PhotoSlot, file: Blob): Promise<Outcome<PhotoView>>
export declare function removePhoto(slot: PhotoSlot, sha256: string): Promise<Outcome<null>>
export declare function photoUrl(sha256: string, size: 'thumb' | 'full'): Promise<string | null>
export declare function usePhotoUrl(sha256: () => string | null, size?: 'thumb' | 'full'): Readonly<Ref<string | null>>
export declare function usePosition(): { position: Readonly<ShallowRef<PositionView>>; start: () => void; stop: () => void }

export declare function finishDraft(id: string): Promise<Outcome<{ facts: number; photos: number; hazards: string[]; words: string }>>
export declare function recheck(hazard: string): Promise<Outcome<string>>
export declare function correct(item: HazardRow | InspectionRow): Promise<Outcome<string>>
export declare function giveFeedback(text: string): Promise<Outcome<null>>
export declare function useReturned(): Loaded<ReturnedItem[]>
export declare function markRead(id: string): Promise<void>

export declare function useOutbox(): Loaded<{ items: OutboxItem[]; figures: OutboxFigures }>
export declare function useSender(): { sender: Readonly<ShallowRef<SenderView>>; sendNow: () => void }
export declare function useReceipts(): Loaded<ReceiptView[]>
export declare function useStorage(): Loaded<StorageFigures>
export declare function useUpdate(): { available: Readonly<Ref<boolean>>; apply: () => Promise<void> }
export declare function useEmergency(): Loaded<{ draft: string; words: string; at: string }[]>
export declare function restoreEmergency(draft: string): Promise<Outcome<null>>
export declare function getSetting(name: string): Promise<string | null>
export declare function setSetting(name: string, value: string): Promise<void>
