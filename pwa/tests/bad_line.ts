// A line that breaks after so many bytes, on average, as they leave the phone: every connection at once, whoever was speaking.
// It stands between a phone and a station of unit tests; tests/faults/proxy.py is its like for real processes.

import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

export class BadLine {
  cuts = 0
  /** bytes that left the phone, heads and questions included */
  bytesUp = 0
  /** after a cut nobody gets through until `back` */
  staysOut = false
  private out = false
  private readonly server: Server
  private readonly open = new Set<Socket>()
  private left: number

  constructor(
    private readonly port: number,
    private readonly bytesBetweenCuts: number,
    private seed: number,
  ) {
    this.left = this.untilNextCut()
    this.server = createServer((phone) => { if (this.out) phone.destroy(); else this.join(phone, connect(this.port, '127.0.0.1')) })
  }

  async listen(): Promise<string> {
    await new Promise<void>((done) => this.server.listen(0, '127.0.0.1', done))
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    for (const socket of this.open) socket.destroy()
    await new Promise((done) => this.server.close(done))
  }

  back(): void {
    this.out = false
  }

  private join(phone: Socket, station: Socket): void {
    for (const socket of [phone, station]) {
      this.open.add(socket)
      socket.on('error', () => undefined).on('close', () => this.open.delete(socket))
    }
    phone.on('data', (bytes) => this.up(bytes, station)).on('end', () => station.end())
    station.on('data', (bytes) => phone.write(bytes)).on('end', () => phone.end())
  }

  private up(bytes: Buffer, station: Socket): void {
    const through = Math.min(bytes.length, Math.floor(this.left))
    this.left -= through
    this.bytesUp += through
    station.write(bytes.subarray(0, through))
    if (through === bytes.length) return
    this.cuts += 1
    this.out = this.staysOut
    this.left = this.untilNextCut()
    for (const socket of this.open) socket.destroy()
  }

  /** Exponential: a line that has no memory. */
  private untilNextCut(): number {
    return -Math.log(1 - this.chance()) * this.bytesBetweenCuts
  }

  /** mulberry32, so that a run can be had again */
  private chance(): number {
    this.seed = (this.seed + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.seed ^ (this.seed >>> 15), 1 | this.seed)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
