// For bench/bad_line.py and bench/shaped_line.py: a field day from the phone's own code to a real station over a line of the bench's
// making; the bench names the one to run.

import { defineConfig } from 'vitest/config'

export default defineConfig({ test: { include: ['tests/*.day.ts'], environment: 'node', pool: 'threads', testTimeout: 3_600_000 } })
