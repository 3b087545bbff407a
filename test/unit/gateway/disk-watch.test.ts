import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DiskWatch } from '../../../src/gateway/disk-watch.ts';

const MIB = 1 << 20;

describe('watch of the disk', () => {
  const watch = (minFreeMib: number) => {
    const changes: boolean[] = [];
    const disk = { free: 0, broken: false };
    const made = new DiskWatch({
      directory: '/somewhere',
      minFreeBytes: minFreeMib * MIB,
      onChange: (low) => changes.push(low),
      readFreeBytes: async () => {
        if (disk.broken) throw new Error('EIO');
        return disk.free * MIB;
      },
    });
    const look = async (freeMib: number): Promise<boolean> => {
      disk.free = freeMib;
      await made.look();
      return made.low;
    };
    return { made, look, changes, disk };
  };

  it('is low below the limit, and no longer when there is a tenth more than the limit', async () => {
    const { made, look, changes } = watch(100);
    const steps = [150, 100, 99, 100, 109, 110, 99, 111];
    const low: boolean[] = [];
    for (const free of steps) low.push(await look(free));
    assert.deepEqual(low, [false, false, true, true, true, false, true, false]);
    assert.deepEqual(changes, [true, false, true, false], 'each change is told once');
    assert.equal(made.status.detail, 'ok');
  });

  it('says how much there is and how much is wanted', async () => {
    const { made, look } = watch(100);
    await look(7.9);
    assert.deepEqual(made.status, { healthy: false, detail: '7 MiB free, 100 MiB wanted' });
  });

  it('is never low with a limit of zero', async () => {
    const { look } = watch(0);
    assert.equal(await look(0), false);
  });

  it('leaves things as they are while the system cannot say', async () => {
    const { made, look, disk } = watch(100);
    await look(50);
    disk.broken = true;
    await look(500);
    assert.deepEqual([made.low, made.freeBytes], [true, Number.NaN]);
    disk.broken = false;
    assert.equal(await look(500), false);
  });

  it('reads a real directory', async () => {
    const made = new DiskWatch({ directory: '.', minFreeBytes: 0, onChange: () => undefined });
    await made.start();
    made.stop();
    assert.ok(made.freeBytes > 0);
  });
});
