// The map on a canvas: outlines, sites by shape and colour, where the phone is, a scale bar; under it whatever `ground` draws.
// It needs no network.
// It must not know where anything comes from; colours are those of the page.

import { bar, onScreen, outline, type Place, type Spot, type Window } from './geometry'

export type Mark = 'over' | 'recheck' | 'open' | 'seen'
export interface MapPoint extends Place {
  id: string
  area: string
  mark: Mark
}
export interface MapArea {
  id: string
  name: string
}
export interface Scene {
  points: readonly MapPoint[]
  areas: readonly MapArea[]
  here: (Place & { accuracy_m?: number | null }) | null
  /** first of all, under everything */
  ground?: (ink: CanvasRenderingContext2D, width: number, height: number) => void
}

const SIZE: Record<Mark, number> = { over: 9, recheck: 9, open: 7, seen: 5 }
const COLOUR: Record<Mark, string> = { over: '--fail', recheck: '--info', open: '--accent', seen: '--pass' }
/** what presses is drawn last, over what does not */
const ORDER: readonly Mark[] = ['seen', 'open', 'recheck', 'over']
const BAR_PX_MAX = 110
const OUT_OF_VIEW_PX = 20

export function draw(canvas: HTMLCanvasElement, scene: Scene, window: Window): void {
  const ink = canvas.getContext('2d')
  if (!ink) return
  const ratio = globalThis.devicePixelRatio || 1
  const [width, height] = [canvas.clientWidth, canvas.clientHeight]
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio)
    canvas.height = Math.round(height * ratio)
  }
  const style = getComputedStyle(canvas)
  const colour = (name: string): string => style.getPropertyValue(name)
  ink.setTransform(ratio, 0, 0, ratio, 0, 0)
  ink.clearRect(0, 0, width, height)
  scene.ground?.(ink, width, height)
  drawAreas(ink, scene, window, colour)
  const inView = ({ x, y }: Spot): boolean => x > -OUT_OF_VIEW_PX && y > -OUT_OF_VIEW_PX && x < width + OUT_OF_VIEW_PX && y < height + OUT_OF_VIEW_PX
  for (const mark of ORDER) {
    ink.fillStyle = colour(COLOUR[mark])
    ink.strokeStyle = colour('--surface')
    ink.lineWidth = 1.5
    for (const point of scene.points) {
      if (point.mark !== mark) continue
      const spot = onScreen(point, window)
      if (inView(spot)) drawMark(ink, mark, spot)
    }
  }
  if (scene.here) drawHere(ink, scene.here, window, colour)
  drawBar(ink, window.scale, height, colour)
}

/** A triangle, a diamond, a square, a ring: told apart without colour. */
export function markPath(mark: Mark, { x, y }: Spot, size: number): Path2D {
  const path = new Path2D()
  const corners: Record<Exclude<Mark, 'seen'>, [number, number][]> = {
    over: [[0, -1.1], [1, 0.8], [-1, 0.8]],
    recheck: [[0, -1.1], [1.1, 0], [0, 1.1], [-1.1, 0]],
    open: [[-1, -1], [1, -1], [1, 1], [-1, 1]],
  }
  if (mark === 'seen') path.arc(x, y, size, 0, 2 * Math.PI)
  else for (const [across, down] of corners[mark]) path.lineTo(x + across * size, y + down * size)
  path.closePath()
  return path
}

function drawMark(ink: CanvasRenderingContext2D, mark: Mark, spot: Spot): void {
  const path = markPath(mark, spot, SIZE[mark])
  if (mark === 'seen') {
    ink.save()
    ink.strokeStyle = ink.fillStyle
    ink.lineWidth = 2.5
    ink.stroke(path)
    ink.restore()
    return
  }
  ink.fill(path)
  ink.stroke(path)
}

function drawAreas(ink: CanvasRenderingContext2D, { points, areas }: Scene, window: Window, colour: (name: string) => string): void {
  ink.strokeStyle = colour('--line-strong')
  ink.fillStyle = colour('--ink-2')
  ink.lineWidth = 1
  ink.font = `13px ${colour('--font')}`
  ink.textAlign = 'center'
  ink.setLineDash([5, 5])
  for (const { id, name } of areas) {
    const corners = outline(points.filter((point) => point.area === id).map((point) => onScreen(point, window)))
    if (corners.length < 3) continue
    ink.beginPath()
    for (const { x, y } of corners) ink.lineTo(x, y)
    ink.closePath()
    ink.stroke()
    const top = corners.reduce((highest, corner) => (corner.y < highest.y ? corner : highest))
    ink.fillText(name, top.x, top.y - 14)
  }
  ink.setLineDash([])
}

function drawHere(ink: CanvasRenderingContext2D, here: NonNullable<Scene['here']>, window: Window, colour: (name: string) => string): void {
  const { x, y } = onScreen(here, window)
  ink.fillStyle = ink.strokeStyle = colour('--ink')
  ink.globalAlpha = 0.1
  ink.beginPath()
  ink.arc(x, y, Math.max(14, (here.accuracy_m ?? 0) * window.scale), 0, 2 * Math.PI)
  ink.fill()
  ink.globalAlpha = 1
  ink.lineWidth = 2.5
  ink.beginPath()
  for (const [from, to] of [[[-11, 0], [-4, 0]], [[4, 0], [11, 0]], [[0, -11], [0, -4]], [[0, 4], [0, 11]]] as const) {
    ink.moveTo(x + from[0], y + from[1])
    ink.lineTo(x + to[0], y + to[1])
  }
  ink.stroke()
}

function drawBar(ink: CanvasRenderingContext2D, scale: number, height: number, colour: (name: string) => string): void {
  const { metres, pixels } = bar(scale, BAR_PX_MAX)
  ink.strokeStyle = ink.fillStyle = colour('--ink-2')
  ink.lineWidth = 2
  ink.textAlign = 'left'
  ink.font = `12px ${colour('--font')}`
  ink.beginPath()
  ink.moveTo(12, height - 18)
  ink.lineTo(12, height - 12)
  ink.lineTo(12 + pixels, height - 12)
  ink.lineTo(12 + pixels, height - 18)
  ink.stroke()
  ink.fillText(metres >= 1000 ? `${metres / 1000} 公里` : `${metres} 米`, 18, height - 18)
}
