// A finding whose ready sentence still has an open blank: 软管【情形】. Recorded by releases that did not ask for every blank;
// what was recorded stays, and whoever shows it says in words that something is not filled in. The same as app/hazards/rules.py
// (tests/vectors/finding.json). It must not know how sentences are put together. stays Chinese: part of the finding

const OPEN = /【([^【】]{1,20})】/g

/** The label of a blank that stands open in a finding, or null. */
export function openBlankIn(finding: string): string | null {
  return [...finding.matchAll(OPEN)][0]?.[1] ?? null
}

/** The finding as a list or a paper says it; one's own words beside a checklist (no item) are left alone. */
export function saidFinding({ finding, item }: { finding: string | null; item?: string | null | undefined }): string {
  return (item ? finding?.replace(OPEN, '（$1没填）') : finding) ?? ''
}
