// What the station has to lay under the map, and a tile of it. It must not know where a tile is drawn.

import { me } from './identity'
import { ports } from './ports'
import type { MapSource } from '../contract/wire'

export type { MapSource }

/** Null: the station has no tiles, or was not heard since it has; then nobody asks for any. */
export async function mapSource(): Promise<MapSource | null> {
  return (await me())?.map ?? null
}

export const mapTile = (z: number, x: number, y: number): Promise<Blob | null> => ports.tile(z, x, y)
