// For bench/bad_line.py: a day's photos from the phone's own code to a real station over a line of the bench's making.

import { defineConfig } from 'vitest/config'

export default defineConfig({ test: { include: ['tests/bad_line.day.ts'], environment: 'node', pool: 'threads', testTimeout: 1_800_000 } })
