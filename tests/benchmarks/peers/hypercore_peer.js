// One corestore in a process of its own, sending or receiving; one hypercore stands for one author.
//
// Hypercore checks a Merkle proof for each block against a head the author signed.

const net = require('net')
const Corestore = require('corestore')
const { contents, follow, now, peakMemoryBytes } = require('./talk')

const APPEND_BLOCKS = 500

const store = new Corestore(process.argv[2])
let cores = []
let arrivals = []

function join (socket, isInitiator) {
  socket.setNoDelay(true)
  const stream = store.replicate(isInitiator)
  // The process ends, and with it the connection, before the other one knows: no error for us.
  socket.on('error', () => {})
  stream.on('error', () => {})
  socket.pipe(stream).pipe(socket)
}

async function open (options) {
  const core = store.get(options)
  await core.ready()
  return core
}

const verbs = {
  // Authors write in turn, a group each, until all of the file is written.
  async write ({ path, authors, entries }) {
    for (let n = 0; n < authors; n++) cores.push(await open({ name: `author-${n}` }))
    const size = Math.min(APPEND_BLOCKS, Math.ceil(entries / authors))
    let turn = 0
    for await (const group of contents(path, size)) {
      await cores[turn++ % authors].append(group.map((line) => Buffer.from(line)))
    }
    return { logs: cores.map((core) => ({ id: core.key.toString('hex'), length: core.length })) }
  },

  async serve () {
    const server = net.createServer((socket) => join(socket, false))
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
    return { port: server.address().port }
  },

  async accept ({ logs }) {
    for (const log of logs) cores.push(await open({ key: Buffer.from(log.id, 'hex') }))
    return {}
  },

  // From dialling until every block of every log is verified and in the store.
  async fetch ({ port, logs }) {
    const started = now()
    join(net.connect(port, '127.0.0.1'), true)
    await Promise.all(
      cores.map((core, n) => core.download({ start: 0, end: logs[n].length }).done())
    )
    return { seconds: now() - started, peak_bytes: peakMemoryBytes() }
  },

  // Keep the first log up to date from now on, noting when each block came.
  async follow () {
    cores[0].download({ start: 0, end: -1, linear: true })
    cores[0].on('download', () => arrivals.push(now()))
    return {}
  },

  async append ({ content }) {
    const asked = now()
    await cores[0].append(Buffer.from(content))
    return { asked }
  },

  async arrived ({ count }) {
    while (arrivals.length < count) await new Promise((resolve) => setTimeout(resolve, 1))
    return { at: arrivals[count - 1] }
  }
}

follow(verbs, () => store.close())
