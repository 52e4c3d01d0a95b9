import { describe, expect, test } from 'vitest'
import { RequestBarrier } from '../../src/cluster/request-barrier.ts'

const LONG_MS = 20_000

describe('a gate', () => {
  test('lets requests pass while it is open', async () => {
    const gate = new RequestBarrier()

    const leave = await gate.enter('ann')
    await gate.enter('ann')
    leave()
    leave()

    expect(gate.inside('ann')).toBe(1)
    expect(gate.inside('bob')).toBe(0)
  })

  test('closes when the requests inside have left, and holds back those that come', async () => {
    const gate = new RequestBarrier()
    const order: string[] = []
    const leave = await gate.enter('ann')
    const closed = gate.close('ann', LONG_MS).then(() => order.push('closed'))
    const entered = gate.enter('ann').then(() => order.push('entered'))
    await gate.enter('bob')

    order.push('left')
    leave()
    await closed
    order.push('opened')
    gate.open('ann')
    await entered

    expect(order).toEqual(['left', 'closed', 'opened', 'entered'])
    expect(gate.inside('ann')).toBe(1)
  })

  test('does not wait for a request that takes too long', async () => {
    const gate = new RequestBarrier()
    const leave = await gate.enter('ann')

    await gate.close('ann', 10)
    leave()
    gate.open('ann')

    expect(gate.inside('ann')).toBe(0)
  })

  test('that is closed again keeps those outside who had not entered', async () => {
    const gate = new RequestBarrier()
    await gate.close('ann', LONG_MS)
    let hasEntered = false
    const entered = gate.enter('ann').then(() => {
      hasEntered = true
    })

    gate.open('ann')
    await gate.close('ann', LONG_MS)
    await Promise.resolve()
    expect(hasEntered).toBe(false)
    gate.open('ann')
    await entered

    expect(hasEntered).toBe(true)
  })
})
