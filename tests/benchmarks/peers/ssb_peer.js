// One Scuttlebutt node in a process of its own: ssb-db2 with ssb-ebt, sending or receiving.
//
// It checks every message's own signature and its link to the message before.

const path = require('path')
const caps = require('ssb-caps')
const ssbKeys = require('ssb-keys')
const SecretStack = require('secret-stack')
const { contents, follow, now, peakMemoryBytes } = require('./talk')

const CREATE_MESSAGES = 500

const [folder, port] = process.argv.slice(2)
let written = new Map()
const node = SecretStack({ caps })
  .use(require('ssb-db2'))
  .use(require('ssb-db2/compat/ebt'))
  .use(require('ssb-ebt'))
  .call(null, {
    path: folder,
    keys: ssbKeys.loadOrCreateSync(path.join(folder, 'secret')),
    connections: {
      incoming: { net: [{ scope: 'device', transform: 'shs', host: '127.0.0.1', port: +port }] },
      outgoing: { net: [{ transform: 'shs' }] }
    }
  })

function calling (work) {
  return new Promise((resolve, reject) => {
    work((error, value) => (error ? reject(error) : resolve(value)))
  })
}

// Messages are written out when the log has drained; nothing is synced to the disk.
function drained () {
  return new Promise((resolve) => node.db.getLog().onDrain(resolve))
}

const verbs = {
  // Authors write in turn, a group each, until all of the file is written.
  async write ({ path: file, authors, entries }) {
    const keys = Array.from({ length: authors }, () => ssbKeys.generate())
    written = new Map(keys.map((key) => [key.id, 0]))
    const size = Math.min(CREATE_MESSAGES, Math.ceil(entries / authors))
    let turn = 0
    for await (const group of contents(file, size)) {
      const author = keys[turn++ % authors]
      for (const line of group) {
        const content = JSON.parse(line)
        await calling((done) => node.db.create({ keys: author, content }, done))
      }
      written.set(author.id, written.get(author.id) + group.length)
    }
    await drained()
    return { logs: [...written].map(([id, length]) => ({ id, length })) }
  },

  // It offers only what it asks for itself.
  async serve () {
    for (const id of written.keys()) node.ebt.request(id, true)
    return { port: +port, address: node.getAddress('device') }
  },

  async accept ({ logs }) {
    for (const log of logs) node.ebt.request(log.id, true)
    return {}
  },

  // From dialling until every message is verified and written out.
  async fetch ({ address, logs }) {
    const wanted = logs.reduce((sum, log) => sum + log.length, 0)
    let received = 0
    const all = new Promise((resolve) => {
      node.db.onMsgAdded(() => {
        if (++received === wanted) resolve()
      })
    })
    const started = now()
    await calling((done) => node.connect(address, done))
    await all
    await drained()
    return { seconds: now() - started, peak_bytes: peakMemoryBytes() }
  }
}

follow(verbs, () => calling((done) => node.close(true, done)))
