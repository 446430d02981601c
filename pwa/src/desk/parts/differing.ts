// Where two texts differ, so that the eye need not search: what is alike at both ends stays plain. Pure.

export interface Piece {
  text: string
  differs: boolean
}

export function differing(text: string, other: string): Piece[] {
  if (text === other || text === '' || other === '') return [{ text, differs: false }]
  const [own, their] = [[...text], [...other]]
  const least = Math.min(own.length, their.length)
  let start = 0
  while (start < least && own[start] === their[start]) start += 1
  let end = 0
  while (end < least - start && own[own.length - 1 - end] === their[their.length - 1 - end]) end += 1
  const middle = own.slice(start, own.length - end).join('')
  const pieces = [{ text: own.slice(0, start).join(''), differs: false }, { text: middle, differs: true }, { text: end ? own.slice(-end).join('') : '', differs: false }]
  return pieces.filter((piece) => piece.text !== '')
}
