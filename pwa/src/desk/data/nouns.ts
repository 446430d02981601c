// Every question the desk asks, one line each. Screens name what they want, never an address.

import { get, post, sendFile, type Query, type Result } from './client'
import type {
  AccountRow, ActivityPage, AreaTree, ChecklistBrief, ChecklistRow, DocumentPage, EnrolmentCode, ExportFormat, ExportJob, Feedback, Finding, HazardPage, ImportDone,
  ImportNoun, ImportPreview, InspectionPage, LedgerPage, MatterPage, MatterType, NamedPage, Overview, Phone, PhoneList, ReviewPage, ReviewTab,
  SettingRow, SiteAnswer, SitePage,
} from './types'

const API = '/api/v1'

export const askOverview = (): Promise<Result<Overview>> => get('/overview')
export const askReview = (tab: ReviewTab, q: string, page: number): Promise<Result<ReviewPage>> => get('/review', { tab, q, page, size: 50 })
export const askInspection = (id: string): Promise<Result<InspectionPage>> => get(`/inspections/${id}`)
export const askHazards = (query: Query): Promise<Result<LedgerPage>> => get('/hazards', query)
export const askHazard = (id: string): Promise<Result<HazardPage>> => get(`/hazards/${id}`)
export const askActivities = (query: Query): Promise<Result<ActivityPage>> => get('/activities', query)
export const askDocument = (id: string): Promise<Result<DocumentPage>> => get(`/documents/${id}`)
export const askSites = (query: Query): Promise<Result<SitePage>> => get('/sites', query)
export const askSite = (id: string): Promise<Result<SiteAnswer>> => get(`/sites/${id}`)
export const askAreas = (): Promise<Result<AreaTree>> => get('/areas')
export const askAccounts = (): Promise<Result<{ items: AccountRow[] }>> => get('/accounts')
export const askPhones = (): Promise<Result<PhoneList>> => get('/enrolments')
export const askChecklists = (): Promise<Result<{ items: ChecklistBrief[] }>> => get('/checklists')
export const askChecklist = (id: string, version: string): Promise<Result<{ checklist: ChecklistRow }>> => get(`/checklists/${id}/${version}`)
export const askSettings = (): Promise<Result<{ items: SettingRow[]; subjects: Record<string, string> }>> => get('/settings')
export const askFeedback = (page: number): Promise<Result<NamedPage<Feedback>>> => get('/feedback', { page })
export const askFindings = (): Promise<Result<{ items: Finding[]; total: number; accounts: Record<string, string> }>> => get('/findings')
export const findingSeen = (kind: string, about: string): Promise<Result<{ noted: boolean }>> => post('/findings/seen', { kind, about })
export const askMatters = (type: MatterType | '', page: number): Promise<Result<MatterPage>> => get('/matters', { ...(type && { type }), page, size: 20 })
export const askExports = (): Promise<Result<{ items: ExportJob[] }>> => get('/exports')

export const makePasswordLink = (account: string): Promise<Result<{ url: string; expires_at: string }>> => post(`/accounts/${account}/password-links`)
export const makeEnrolmentCode = (account: string): Promise<Result<EnrolmentCode>> => post('/enrolments', { account })
export const revokePhone = (enrolment: string): Promise<Result<Phone>> => post(`/enrolments/${enrolment}/revocation`)
export const unmask = (subject: string, field: string, reason: string): Promise<Result<{ value: string }>> => post('/unmask', { subject, field, reason })
export const previewImport = (noun: ImportNoun, file: File): Promise<Result<ImportPreview>> => sendFile(`/imports/${noun}`, file)
export const applyImport = (id: string, skip_duplicates: boolean): Promise<Result<ImportDone>> => post(`/imports/${id}/application`, { skip_duplicates })
export const askForExport = (format: ExportFormat, narrowed: { filters?: Record<string, unknown>; activities?: Record<string, string> }, unmask_reason = ''): Promise<Result<{ id: string }>> => post('/exports', { format, ...narrowed, unmask_reason })

export const thumbnailUrl = (sha256: string): string => `${API}/photos/${sha256}/thumbnail`
export const viewUrl = (sha256: string): string => `${API}/photos/${sha256}/view`
export const originalUrl = (sha256: string): string => `${API}/photos/${sha256}/original`
/** a copy with the words of its watermark under the picture */
export const markedUrl = (sha256: string, subject: string): string => `${API}/photos/${sha256}/marked?subject=${subject}`
export const proofUrl = (hazard: string): string => `${API}/hazards/${hazard}/proof`
export const exportUrl = (id: string): string => `${API}/exports/${id}/file`
export const templateUrl = (noun: ImportNoun): string => `${API}/imports/${noun}/template`
export const sheetUrl = (code: string): string => `${API}/enrolments/${code}/sheet`
