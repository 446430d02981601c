// The rows of a preview with their troubles beside them, wrong rows first. Pure.

import type { ImportPreview } from '../data/types'

export type PreviewLine = ImportPreview['rows'][number] & { troubles: ImportPreview['errors'] }

export function previewLines(preview: ImportPreview): PreviewLine[] {
  const troubles = new Map<number, ImportPreview['errors']>()
  for (const trouble of preview.errors) troubles.set(trouble.row, [...(troubles.get(trouble.row) ?? []), trouble])
  const lines: PreviewLine[] = preview.rows.map((row) => ({ ...row, troubles: troubles.get(row.row) ?? [] }))
  const known = new Set(preview.rows.map((row) => row.row))
  // a trouble with the headings belongs to no row of data; it is told above them all
  const headings = [...troubles].filter(([row]) => !known.has(row)).map(([row, own]) => ({ row, title: '表头', summary: '', ok: true, duplicate: false, troubles: own }))
  return [...headings, ...lines.sort((one, other) => Number(one.ok) - Number(other.ok) || one.row - other.row)]
}
