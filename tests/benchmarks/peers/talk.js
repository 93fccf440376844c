// How a peer's process is told what to do: a line of JSON in, a line of JSON out, in order.
//
// Times are seconds of the monotonic clock, which all processes of one machine share.

const fs = require('fs')
const readline = require('readline')

function now () {
  return Number(process.hrtime.bigint()) / 1e9
}

function say (message) {
  process.stdout.write(JSON.stringify(message) + '\n')
}

// Carries out commands until standard input ends; `verbs` maps each `do` to a function.
async function follow (verbs, close) {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const command = JSON.parse(line)
    say({ number: command.number, ...(await verbs[command.do](command)) })
  }
  await close()
  process.exit(0)
}

// The contents to publish, one JSON document a line, in groups of `size`.
async function * contents (path, size) {
  let group = []
  for await (const line of readline.createInterface({ input: fs.createReadStream(path) })) {
    group.push(line)
    if (group.length === size) {
      yield group
      group = []
    }
  }
  if (group.length) yield group
}

function peakMemoryBytes () {
  const status = fs.readFileSync('/proc/self/status', 'utf8')
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)[1]) * 1024
}

module.exports = { contents, follow, now, peakMemoryBytes }
