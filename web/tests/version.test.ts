import { beforeEach, expect, it, vi } from 'vitest'
import { shouldLoadAnew, Version } from '../src/installed/version'

class Worker extends EventTarget {
  readonly postMessage = vi.fn()
}

class Registration extends EventTarget {
  readonly update = vi.fn(async () => undefined)
  installing: Worker | null = null
  waiting: Worker | null = null

  /** A newer worker has been fetched. */
  find(): Worker {
    const found = new Worker()
    this.installing = found
    this.dispatchEvent(new Event('updatefound'))
    this.installing = null
    this.waiting = found
    found.dispatchEvent(new Event('statechange'))
    return found
  }
}

class Workers extends EventTarget {
  controller: Worker | null = new Worker()
  readonly registration = new Registration()
  readonly register = vi.fn(async () => this.registration)
}

function begun(workers: Workers) {
  const reload = vi.fn()
  const version = new Version(workers as unknown as ServiceWorkerContainer, reload)
  return { version, reload }
}

it('the first worker there ever was is no newer version', async () => {
  const workers = new Workers()
  workers.controller = null
  const { version } = begun(workers)
  await version.register('/worker.js')
  workers.registration.find()

  expect(version.isOld).toBe(false)
})

it('a newer one is told of, and loaded when that is wanted', async () => {
  const workers = new Workers()
  const { version, reload } = begun(workers)
  const told = vi.fn()
  version.subscribe(told)
  await version.register('/worker.js')
  expect(version.isOld).toBe(false)
  const found = workers.registration.find()
  expect(version.isOld).toBe(true)
  expect(told).toHaveBeenCalledTimes(1)

  version.load()
  expect(found.postMessage).toHaveBeenCalledExactlyOnceWith('take over')
  expect(reload).not.toHaveBeenCalled()
  workers.dispatchEvent(new Event('controllerchange'))
  expect(reload).toHaveBeenCalledTimes(1)
})

it('a page that was opened while one waited knows of it', async () => {
  const workers = new Workers()
  workers.registration.waiting = new Worker()
  const { version } = begun(workers)
  await version.register('/worker.js')

  expect(version.isOld).toBe(true)
})

it('the server is asked whenever one looks', async () => {
  const workers = new Workers()
  const { version } = begun(workers)
  version.look()
  await version.register('/worker.js')
  expect(workers.registration.update).not.toHaveBeenCalled()
  version.look()
  workers.registration.update.mockRejectedValueOnce(new TypeError('Failed to fetch'))
  version.look()
  expect(workers.registration.update).toHaveBeenCalledTimes(2)
})

it('another tab that loads it does not take this page away', async () => {
  const workers = new Workers()
  const { version, reload } = begun(workers)
  await version.register('/worker.js')
  workers.registration.find()
  workers.dispatchEvent(new Event('controllerchange'))

  expect(reload).not.toHaveBeenCalled()
})

const NOW = 1_800_000_000_000
beforeEach(() => sessionStorage.clear())

it('a file that is gone loads the page anew, once', async () => {
  const up = async () => true
  expect(await shouldLoadAnew(sessionStorage, up, NOW)).toBe(true)
  expect(await shouldLoadAnew(sessionStorage, up, NOW + 59_000)).toBe(false)
  expect(await shouldLoadAnew(sessionStorage, up, NOW + 60_000)).toBe(true)
})

it('where there is no line nothing is loaded anew, and it may be once there is', async () => {
  expect(await shouldLoadAnew(sessionStorage, async () => false, NOW)).toBe(false)
  expect(await shouldLoadAnew(sessionStorage, async () => true, NOW)).toBe(true)
})
